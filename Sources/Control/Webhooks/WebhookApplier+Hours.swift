import Billing
import Metering
import RedisLink

/// What becomes of the hour whose event Stripe could not use.
extension WebhookApplier {
    /// The hour whose event, acknowledged last, has this identifier; nil for one of another sender, and once a newer
    /// event of the hour took its place.
    func hour(of identifier: String) async throws(StoreError) -> StoredHour.Key? {
        guard let place = EventIdentifier(identifier) else { return nil }
        return try await context.store.hour(
            identifier: identifier, partition: place.partition, hour: place.hour,
            meters: context.catalogue().meters.filter { $0.stripe?.eventName != nil }.map(\.name))
    }

    /// Has the hours that an event of this identifier may have been for compared as soon as Stripe's summaries are sure
    /// to have them. An hour whose ranges were added up had more events than the one that is kept, and each counts.
    func hasten(_ identifier: String) async throws(StoreError) {
        guard let place = EventIdentifier(identifier) else { return }
        let earliest = max((place.hour + 1) * 3600, context.now() / 1000 + 1)
        try await context.store.hastenChecks(
            partition: place.partition, hour: place.hour,
            meters: context.catalogue().meters.filter { $0.stripe?.mode == .sum }.map(\.name),
            to: earliest + (summaryLag + 999) / 1000)
    }

    /// Owes it again. False when that event is no longer the one acknowledged last.
    func reopen(
        _ key: StoredHour.Key, _ identifier: String, code: String, event: StoredEvent
    ) async throws(StoreError) -> Bool {
        let what: JSONValue = .object([
            "meter": .string(key.meter), "hour": .string(InstantText.text(hour: key.hour)),
        ])
        return try await context.store.reopen(
            key, identifier: identifier, form: form(of: key), lag: summaryLag,
            noting: AuditNote(
                action: "hour.reopen", actor: "webhook:\(event.id)", reason: code,
                before: String(decoding: ControlAnswer.json(what).body, as: UTF8.self)))
    }

    /// Makes it a dead letter. False as above.
    func bury(
        _ key: StoredHour.Key, _ identifier: String, code: String, message: String
    ) async throws(StoreError) -> Bool {
        let hours = try await context.store.hours(key.tenant, key.meter, day: key.hour / 24)
        let letter = DeadLetter(
            code: code, message: message, at: context.now() / 1000,
            total: hours.first { $0.key == key }?.total ?? 0)
        return try await context.store.bury(
            key, letter, identifier: identifier, form: form(of: key), lag: summaryLag)
    }

    private func form(of key: StoredHour.Key) -> SendForm {
        context.catalogue().meter(key.meter)?.stripe?.mode == .sum ? .range : .total
    }
}
