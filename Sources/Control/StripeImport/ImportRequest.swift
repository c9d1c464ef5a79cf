/// What a caller of `POST /v1/stripe/import` asks for.
struct ImportRequest {
    /// The most customers that a file may name in one request; a larger file is imported in parts.
    static let mostMapped = 20_000
    /// The most tenants that may be left out.
    static let mostExcepted = 10_000

    /// The customer behind which the page begins.
    let after: String?
    let isApplying: Bool
    /// Tenants by customer, as the operator's file names them.
    let mapping: [String: String]
    /// Tenants that are left as they are, since several customers want to be them.
    let except: Set<String>
    let reason: String

    init(_ request: ControlRequest) throws(Problem) {
        let body = try RequestFields(request, allowing: "after", "apply", "mapping", "except", "reason")
        after = try body.cursor("after")
        isApplying = try body.flag("apply")
        mapping = try body.texts("mapping", most: Self.mostMapped)
        except = try body.textSet("except", most: Self.mostExcepted)
        reason = try ReasonText.read(body["reason"]) ?? "stripe import"
    }
}
