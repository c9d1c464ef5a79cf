/// Stripe's `customer` (docs.stripe.com/api/customers/object).
public struct StripeCustomer: Sendable, Equatable, Decodable, ListElement {
    /// `cus_…`.
    public let id: String
    /// Where invoices go, if anywhere.
    public let email: String?
    /// What people call it.
    public let name: String?
    /// What its owner wrote on it.
    public let metadata: [String: String]

    /// Reads Stripe's object; fields it does not name are ignored.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        id = try values.decode(String.self, forKey: .id)
        email = try values.decodeIfPresent(String.self, forKey: .email)
        name = try values.decodeIfPresent(String.self, forKey: .name)
        metadata = try values.decodeIfPresent([String: String].self, forKey: .metadata) ?? [:]
    }

    private enum CodingKeys: String, CodingKey {
        case id, email, name, metadata
    }
}
