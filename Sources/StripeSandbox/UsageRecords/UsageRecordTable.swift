/// The usage records of legacy metered subscription items: one quantity a timestamp, by item.
struct UsageRecordTable: Codable, Sendable {
    /// One record.
    struct Record: Codable, Sendable {
        let timestamp: Int
        var quantity: Int
    }

    private var records: [String: [Record]] = [:]

    /// The items that have records, sorted.
    var items: [String] { records.keys.sorted() }

    /// The records of an item whose timestamps lie in a range, oldest first.
    func records(_ item: String, in range: Range<Int>) -> [Record] {
        (records[item] ?? []).filter { range.contains($0.timestamp) }
    }

    /// Adds to the quantity at a timestamp, or overwrites it.
    ///
    /// - Returns: The quantity there now.
    mutating func record(_ item: String, at timestamp: Int, _ quantity: Int, overwriting: Bool) -> Int {
        var list = records[item] ?? []
        let index = list.lastIndex { $0.timestamp <= timestamp }
        if let index, list[index].timestamp == timestamp {
            let (sum, isTooLarge) = list[index].quantity.addingReportingOverflow(quantity)
            list[index].quantity = overwriting || isTooLarge ? quantity : sum
        } else {
            list.insert(Record(timestamp: timestamp, quantity: quantity), at: index.map { $0 + 1 } ?? 0)
        }
        records[item] = list
        return list.last { $0.timestamp == timestamp }?.quantity ?? quantity
    }
}
