/// A product: what prices are for.
struct Product: Codable, Sendable {
    let id: String
    let created: Int
    var updated: Int
    var name: String
    var isActive = true
    /// What was set of the plain properties, by Stripe's names.
    var attributes: [String: JSONValue] = [:]
    var metadata: [String: String] = [:]

    static func newID() -> String { RandomID.make("prod_") }
}
