/// Lengths of time in words, coarse, for people.
enum WaitText {
    private static let units: [(suffix: String, milliseconds: Int64)] = [
        ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1),
    ]

    /// The two largest units: `3d 4h`, `1m 5s`, `250ms`.
    static func format(milliseconds: Int64) -> String {
        guard let first = units.firstIndex(where: { milliseconds >= $0.milliseconds }) else { return "0ms" }
        let unit = units[first]
        let head = "\(milliseconds / unit.milliseconds)\(unit.suffix)"
        guard first + 1 < units.count - 1 else { return head }
        let next = units[first + 1]
        let rest = milliseconds % unit.milliseconds / next.milliseconds
        return rest == 0 ? head : "\(head) \(rest)\(next.suffix)"
    }
}
