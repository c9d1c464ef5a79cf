import RedisLink

/// Reads owed hours over all partitions, the oldest first, a few at a time from each partition.
struct OwedReader {
    private static let pageSize = 32

    private struct Queue {
        let partition: Int
        var hours: ArraySlice<StoredHour> = []
        var cursor: StoredHour.Key?
        var isAtEnd = false
    }

    private let store: RedisStore
    private var queues: [Queue]

    /// Reads what comes after `cursor`, of these partitions.
    init(store: RedisStore, partitions: [Int], after cursor: StoredHour.Key? = nil) {
        self.store = store
        queues = partitions.map { Queue(partition: $0, cursor: cursor) }
    }

    /// The next hours, at most `count`; fewer only at the end.
    mutating func next(_ count: Int) async throws(StoreError) -> [StoredHour] {
        var hours: [StoredHour] = []
        while hours.count < count {
            try await refill()
            guard let index = queues.indices.filter({ !queues[$0].hours.isEmpty }).min(by: isOlder) else { break }
            // Until some queue is empty, the heads are all known.
            if let hour = queues[index].hours.popFirst() { hours.append(hour) }
        }
        return hours
    }

    /// Whether the first hour of one queue comes before that of another, in the order of the owed set.
    private func isOlder(_ left: Int, _ right: Int) -> Bool {
        guard let first = queues[left].hours.first?.key, let second = queues[right].hours.first?.key else {
            return false
        }
        return (first.hour, first.meter, first.tenant) < (second.hour, second.meter, second.tenant)
    }

    /// Reads the next page of each queue that has run out.
    private mutating func refill() async throws(StoreError) {
        let store = store
        let empty = queues.indices.filter { queues[$0].hours.isEmpty && !queues[$0].isAtEnd }
        guard !empty.isEmpty else { return }
        let wanted = empty.map { (index: $0, partition: queues[$0].partition, cursor: queues[$0].cursor) }
        let pages = await withTaskGroup(of: (Int, Result<[StoredHour], StoreError>).self) { group in
            for want in wanted {
                group.addTask {
                    do throws(StoreError) {
                        let page = try await store.owedHours(
                            partition: want.partition, after: want.cursor, limit: Self.pageSize)
                        return (want.index, .success(page))
                    } catch {
                        return (want.index, .failure(error))
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        for (index, page) in pages {
            let hours = try page.get()
            queues[index].hours = hours[...]
            queues[index].cursor = hours.last?.key ?? queues[index].cursor
            queues[index].isAtEnd = hours.count < Self.pageSize
        }
    }
}
