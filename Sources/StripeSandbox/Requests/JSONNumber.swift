import FoundationEssentials

/// A number in JSON's grammar, e.g. `-1.5e3`.
enum JSONNumber {
    /// - Returns: nil when the text is no number of JSON, or too long to be kept as a decimal.
    static func read(_ text: String) -> Decimal? {
        var rest = text.utf8[...]
        if rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
        let leading = rest.first
        guard let whole = digits(&rest), whole == 1 || leading != UInt8(ascii: "0"), text.utf8.count <= 60 else {
            return nil
        }
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            guard digits(&rest) != nil else { return nil }
        }
        if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
            rest = rest.dropFirst()
            if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
            guard digits(&rest) != nil else { return nil }
        }
        return rest.isEmpty ? Decimal(string: text) : nil
    }

    /// Consumes one or more digits and says how many.
    private static func digits(_ rest: inout Substring.UTF8View) -> Int? {
        let after = rest.drop { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        let count = rest.count - after.count
        rest = after
        return count > 0 ? count : nil
    }
}
