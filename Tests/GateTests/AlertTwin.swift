import Testing

/// What `alert.lua` remembers, without Redis.
struct AlertTwin {
    let isLevel: Bool
    private var highest: [String: Int64] = [:]
    private var past: Set<String> = []
    private var toldOfFall: [String: Int64] = [:]
    /// How often each threshold was told of at each of its totals.
    private var told: [String: Int] = [:]

    init(isLevel: Bool) { self.isLevel = isLevel }

    /// The crossing that a look tells of, such as `80% up`.
    mutating func look(_ label: String, _ total: Int64, _ direction: String, used: Int64) -> [String] {
        guard let crossed = cross(label, total, used), direction == "both" || direction == crossed else { return [] }
        told["\(label) \(total) \(crossed)", default: 0] += 1
        return ["\(label) \(crossed)"]
    }

    private mutating func cross(_ label: String, _ total: Int64, _ used: Int64) -> String? {
        if used >= total {
            let before = highest[label] ?? 0
            highest[label] = max(before, used)
            let wasPast = !past.insert(label).inserted
            return (isLevel ? !wasPast : before < total) ? "up" : nil
        }
        guard past.remove(label) != nil else { return nil }
        defer { toldOfFall[label] = total }
        return isLevel || toldOfFall[label] != total ? "down" : nil
    }

    /// In one period a counter's rise past a total is told once.
    func check() {
        for (crossing, times) in told where crossing.hasSuffix("up") { #expect(times == 1, "\(crossing)") }
    }
}
