import RedisLink

/// Stands in until the store has these operations.
extension WebhookApplier {
    func hour(of identifier: String) async throws(StoreError) -> StoredHour.Key? { nil }

    func reopen(
        _ key: StoredHour.Key, _ identifier: String, code: String, event: StoredEvent
    ) async throws(StoreError) -> Bool { false }

    func bury(
        _ key: StoredHour.Key, _ identifier: String, code: String, message: String
    ) async throws(StoreError) -> Bool { false }
}
