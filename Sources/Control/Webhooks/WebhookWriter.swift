import RedisLink

/// Keeps events in Redis, those that come at the same time together: one wait for the append-only file then serves all.
actor WebhookWriter {
    typealias Outcome = Result<EventReceipt, StoreError>

    /// How many are kept at once.
    private static let mostTogether = 100

    private let store: RedisStore
    private var waiting: [(event: StoredEvent, caller: CheckedContinuation<Outcome, Never>)] = []
    private var isWriting = false

    init(store: RedisStore) { self.store = store }

    /// Returns once the event is in Redis and its file, or is not. No more callers wait than there are connections.
    func put(_ event: StoredEvent) async -> Outcome {
        await withCheckedContinuation { caller in
            waiting.append((event, caller))
            guard !isWriting else { return }
            isWriting = true
            Task { await write() }
        }
    }

    private func write() async {
        while !waiting.isEmpty {
            let batch = Array(waiting.prefix(Self.mostTogether))
            waiting.removeFirst(batch.count)
            switch await store.putEvents(batch.map(\.event)) {
            case .success(let receipts):
                for (one, receipt) in zip(batch, receipts) { one.caller.resume(returning: .success(receipt)) }
            case .failure(let error):
                for one in batch { one.caller.resume(returning: .failure(error)) }
            }
        }
        isWriting = false
    }
}
