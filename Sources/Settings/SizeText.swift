import Metering

/// Sizes as settings write them: a whole number of bytes, or of a unit, `64KiB`, `10MB`, `1GiB`.
enum SizeText {
    private static let units: [(suffix: String, bytes: Int64)] = [
        ("", 1), ("B", 1), ("kB", 1_000), ("KB", 1_000), ("KiB", 1 << 10), ("MB", 1_000_000), ("MiB", 1 << 20),
        ("GB", 1_000_000_000), ("GiB", 1 << 30), ("TB", 1_000_000_000_000), ("TiB", 1 << 40),
    ]

    /// The bytes; nil if the text is not a size, or is one past ``Amount/largest``.
    static func parse(_ text: String) -> Int64? {
        guard let (number, suffix) = splitNumber(text), let unit = units.first(where: { $0.suffix == suffix })
        else { return nil }
        let (bytes, overflow) = number.multipliedReportingOverflow(by: unit.bytes)
        return overflow || bytes > Amount.largest ? nil : bytes
    }

    /// The size in the largest binary unit that shows it as a whole number.
    static func format(_ bytes: Int64) -> String {
        let binary = units.filter { $0.suffix == "B" || $0.suffix.contains("i") }
        let unit = binary.last { bytes % $0.bytes == 0 && bytes >= $0.bytes } ?? binary[0]
        return "\(bytes / unit.bytes)\(unit.suffix)"
    }
}
