/// A request that has found its route: what is to be executed.
struct Call: Sendable {
    let route: Route
    /// The id in the path; empty when the route has none.
    let id: String
    let version: APIVersion
    let form: [String: FormValue]
    let body: [UInt8]
    let requestID: String
    let idempotencyKey: String?
}
