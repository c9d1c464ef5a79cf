/// The usage received, by meter and customer; the rows of each in the order of their buckets. A bucket begins at a
/// multiple of the meter's bucket length.
struct UsageTable: Codable, Sendable {
    typealias Buckets = [Int: UsageRow]

    private var rows: [UsageKey: [UsageRow]] = [:]

    func row(_ key: UsageKey, start: Int) -> UsageRow? {
        guard let rows = rows[key] else { return nil }
        let index = Self.index(of: start, in: rows)
        return index < rows.count && rows[index].start == start ? rows[index] : nil
    }

    /// Puts a row in the place of the one of its bucket; nil removes that one.
    mutating func set(_ row: UsageRow?, _ key: UsageKey, start: Int) {
        let index = Self.index(of: start, in: rows[key] ?? [])
        let isThere = self.row(key, start: start) != nil
        switch (row, isThere) {
        case (let row?, true): rows[key]?[index] = row
        case (let row?, false): rows[key, default: []].insert(row, at: index)
        case (nil, true): rows[key]?.remove(at: index)
        case (nil, false): break
        }
    }

    /// The buckets that begin in `range`, by their beginning.
    func buckets(meter: String, customer: String, in range: Range<Int>) -> Buckets {
        let found = rows(UsageKey(meter: meter, customer: customer), from: range.lowerBound)
            .prefix { $0.start < range.upperBound }
        return Buckets(found.map { ($0.start, $0) }) { _, last in last }
    }

    /// The customers that have rows of a meter, sorted.
    func customers(ofMeter meter: String) -> [String] {
        rows.filter { $0.key.meter == meter && !$0.value.isEmpty }.map(\.key.customer).sorted()
    }

    /// The rows whose buckets begin at `start` or later, in their order.
    func rows(_ key: UsageKey, from start: Int) -> ArraySlice<UsageRow> {
        guard let rows = rows[key] else { return [] }
        return rows[Self.index(of: start, in: rows)...]
    }

    /// The first row that begins at `start` or later. Hours mostly come in their order, so the end is tried first.
    private static func index(of start: Int, in rows: [UsageRow]) -> Int {
        guard let last = rows.last, last.start >= start else { return rows.count }
        var low = 0
        var high = rows.count - 1
        while low < high {
            let middle = (low + high) / 2
            if rows[middle].start < start { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
