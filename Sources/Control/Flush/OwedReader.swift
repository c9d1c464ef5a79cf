import HeapModule
import RedisLink

/// Reads owed hours over all partitions, the oldest first, a few at a time from each partition.
struct OwedReader {
    private static let pageSize = 64

    private struct Queue {
        let partition: Int
        var hours: ArraySlice<StoredHour> = []
        var cursor: StoredHour.Key?
        var isAtEnd = false
    }

    /// The first hour of a queue, in the order of the owed set.
    private struct Head: Comparable {
        let key: StoredHour.Key
        let queue: Int

        static func < (left: Head, right: Head) -> Bool {
            (left.key.hour, left.key.meter, left.key.tenant) < (right.key.hour, right.key.meter, right.key.tenant)
        }
    }

    private let store: RedisStore
    private let isBrief: Bool
    private var queues: [Queue]
    private var heads: Heap<Head> = []

    /// Reads what comes after `cursor`, of these partitions.
    ///
    /// - Parameter isBrief: leaves the hours' totals out, which are zero then.
    init(store: RedisStore, partitions: [Int], after cursor: StoredHour.Key? = nil, isBrief: Bool = false) {
        self.store = store
        self.isBrief = isBrief
        queues = partitions.map { Queue(partition: $0, cursor: cursor) }
    }

    /// The next hours, at most `count`; fewer only at the end.
    mutating func next(_ count: Int) async throws(StoreError) -> [StoredHour] {
        var hours: [StoredHour] = []
        while hours.count < count {
            // Until some queue is empty, the heads are all known.
            try await refill()
            guard let index = heads.popMin()?.queue else { break }
            if let hour = queues[index].hours.popFirst() { hours.append(hour) }
            push(index)
        }
        return hours
    }

    private mutating func push(_ index: Int) {
        if let first = queues[index].hours.first {
            heads.insert(Head(key: first.key, queue: index))
        } else if !queues[index].isAtEnd {
            emptied.append(index)
        }
    }

    /// The queues that have run out and may have more.
    private lazy var emptied = Array(queues.indices)

    /// Reads the next page of each queue that has run out.
    private mutating func refill() async throws(StoreError) {
        guard !emptied.isEmpty else { return }
        let (store, isBrief) = (store, isBrief)
        let wanted = emptied.map { (index: $0, partition: queues[$0].partition, cursor: queues[$0].cursor) }
        let pages = await withTaskGroup(of: (Int, Result<[StoredHour], StoreError>).self) { group in
            for want in wanted {
                group.addTask {
                    do throws(StoreError) {
                        let page =
                            isBrief
                            ? try await store.owedKeys(
                                partition: want.partition, after: want.cursor, limit: Self.pageSize)
                            : try await store.owedHours(
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
        let filled = emptied
        emptied = []
        for index in filled { push(index) }
    }
}
