/// Stripe's `customer` with its `subscriptions`, which are there only when they are asked for.
public struct SubscribedCustomer: Sendable, Equatable, Decodable, ListElement {
    /// `cus_…`.
    public let id: String
    /// What its owner wrote on it.
    public let metadata: [String: String]
    /// Those that have not ended, the newest first.
    public let subscriptions: [StripeSubscription]
    /// Whether Stripe left subscriptions, or items of them, out of the answer.
    public let isCut: Bool

    /// Reads Stripe's object; fields it does not name are ignored.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        id = try values.decode(String.self, forKey: .id)
        metadata = try values.decodeIfPresent([String: String].self, forKey: .metadata) ?? [:]
        let list = try values.decodeIfPresent(StripeList<StripeSubscription>.self, forKey: .subscriptions)
        subscriptions = list?.data ?? []
        isCut = list?.hasMore ?? false || subscriptions.contains(where: \.hasMoreItems)
    }

    private enum CodingKeys: String, CodingKey {
        case id, metadata, subscriptions
    }
}
