import RedisLink

/// Reads dead letters over partitions, the oldest hour first. A partition is read whole, one after the other, and no
/// more than a page of all is kept.
struct DeadList {
    /// An hour and why it is dead.
    typealias Row = (key: StoredHour.Key, letter: DeadLetter)

    let store: RedisStore
    let filter: DeadFilter

    /// The first `limit` behind a place, and whether there are more.
    func page(after cursor: StoredHour.Key?, limit: Int) async throws(StoreError) -> (rows: [Row], hasMore: Bool) {
        let own = filter.tenant.map { store.keys.partition(of: $0) }
        let counts = try await store.deadCounts()
        var rows: [Row] = []
        for partition in counts.indices where counts[partition] > 0 && (own.map { $0 == partition } ?? true) {
            let all = try await store.deadLetters(partition: partition, after: cursor, limit: counts[partition])
            rows += all.filter { filter.takes($0.0) }.map { (key: $0.0, letter: $0.1) }
            rows.sort { Self.isBefore($0.key, $1.key) }
            if rows.count > limit + 1 { rows.removeLast(rows.count - limit - 1) }
        }
        return (Array(rows.prefix(limit)), rows.count > limit)
    }

    /// In the order of the owed set.
    private static func isBefore(_ left: StoredHour.Key, _ right: StoredHour.Key) -> Bool {
        (left.hour, left.meter, left.tenant) < (right.hour, right.meter, right.tenant)
    }
}
