/// The versions of Stripe's API that the sandbox speaks, one of each family whose shapes differ
/// (docs.stripe.com/changelog).
/// Stripe answers an unknown `Stripe-Version` with 400; a request without one gets the account's default.
enum APIVersion: String, CaseIterable, Sendable {
    case acacia = "2024-12-18.acacia"
    case basil = "2025-03-31.basil"
    case endive = "2026-10-28.endive"

    static let accountDefault = APIVersion.endive

    /// The version a request asks for.
    static func requested(by request: APIRequest) throws(APIError) -> APIVersion {
        guard let name = request.header("stripe-version") else { return accountDefault }
        guard let version = APIVersion(rawValue: name) else {
            let known = allCases.map(\.rawValue).joined(separator: ", ")
            throw .invalid("Invalid Stripe API version: \(name). The sandbox speaks \(known).").beforeExecution
        }
        return version
    }

    /// The aggregation formulas a meter may have: `last` came with 2025-03-31.basil.
    var formulas: [String] { self == .acacia ? ["count", "sum"] : ["count", "last", "sum"] }
}
