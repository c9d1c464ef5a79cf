/// The keys of Stripe's events: of no tenant, and all of one slot.
extension KeySpace {
    private var webhooks: String { "\(prefix){webhooks}:" }

    /// Events that wait to be applied.
    var events: String { webhooks + "events" }

    /// The sign that an event was seen.
    func seenEvent(_ id: String) -> String { "\(webhooks)seen:\(id)" }

    /// The attempts to apply events that wait.
    var eventTries: String { webhooks + "tries" }

    /// Events that were given up.
    var deadEvents: String { webhooks + "dead" }

    /// Who applies events.
    var eventWorker: String { webhooks + "worker" }
}
