/// The request that is being executed, as events name it.
struct EventOrigin: Sendable {
    let request: String
    let idempotencyKey: String?
}
