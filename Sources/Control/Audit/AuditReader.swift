import RedisLink

/// Reads audit entries over partitions, oldest first, a few at a time from each partition.
struct AuditReader {
    private struct Queue {
        let partition: Int
        var entries: ArraySlice<AuditEntry> = []
        var cursor: AuditPlace?
        var isAtEnd = false
    }

    private let store: RedisStore
    private let last: Int64
    private let pageSize: Int
    private var queues: [Queue]
    /// How many entries were read from Redis.
    private(set) var read = 0

    /// Reads what comes behind `cursor` and up to the end of the millisecond `last`, of these partitions.
    init(store: RedisStore, partitions: [Int], after cursor: AuditPlace?, through last: Int64) {
        self.store = store
        self.last = last
        // In all no more at once than a request may read.
        pageSize = partitions.count == 1 ? 256 : 16
        queues = partitions.map { Queue(partition: $0, cursor: cursor) }
    }

    /// The next entry; nil at the end.
    mutating func next() async throws(StoreError) -> AuditEntry? {
        try await refill()
        var oldest: (queue: Int, place: AuditPlace)?
        for (index, queue) in queues.enumerated() {
            guard let place = queue.entries.first?.place, oldest.map({ place < $0.place }) ?? true else { continue }
            oldest = (index, place)
        }
        return oldest.flatMap { queues[$0.queue].entries.popFirst() }
    }

    /// Reads the next page of each queue that has run out: until some queue is empty, the heads are all known.
    private mutating func refill() async throws(StoreError) {
        let empty = queues.indices.filter { queues[$0].entries.isEmpty && !queues[$0].isAtEnd }
        guard !empty.isEmpty else { return }
        let pages = try await store.audit(
            empty.map { (queues[$0].partition, queues[$0].cursor) }, through: last, limit: pageSize)
        for (index, entries) in zip(empty, pages) {
            read += entries.count
            queues[index].entries = entries[...]
            queues[index].cursor = entries.last?.place ?? queues[index].cursor
            queues[index].isAtEnd = entries.count < pageSize
        }
    }
}
