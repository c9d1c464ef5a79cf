/// The subscriptions of the account, ended ones included, in the order they were created.
struct SubscriptionTable: Codable, Sendable {
    private var byID: [String: Subscription] = [:]
    private var order: [String] = []
    /// Item id → subscription id, items that were removed left out.
    private var owners: [String: String] = [:]

    /// All of them, newest first.
    var newestFirst: [Subscription] { order.reversed().compactMap { byID[$0] } }

    subscript(id: String) -> Subscription? { byID[id] }

    /// The item of an id, and its subscription; nil when there is none, or it was removed.
    func item(_ id: String) -> (item: SubscriptionItem, subscription: Subscription)? {
        guard let subscription = owners[id].flatMap({ byID[$0] }),
            let item = subscription.items.first(where: { $0.id == id })
        else { return nil }
        return (item, subscription)
    }

    func subscription(_ id: String) throws(APIError) -> Subscription {
        guard let subscription = byID[id] else { throw .noSuch("subscription", id, param: "id", status: 404) }
        return subscription
    }

    /// Stores a new subscription or a changed one.
    mutating func store(_ subscription: Subscription) {
        for item in byID[subscription.id]?.items ?? [] { owners[item.id] = nil }
        for item in subscription.items { owners[item.id] = subscription.id }
        if byID.updateValue(subscription, forKey: subscription.id) == nil { order.append(subscription.id) }
    }
}
