/// A decimal number that ends in CR LF: what stands behind `*` and `$`, and behind `:` in replies.
///
/// It is read as Redis reads it (`string2ll`): an optional minus, no plus, no space, no leading zero, no `-0`, and
/// within 64 bits. At most 22 bytes are looked at, whatever the peer sends.
enum LengthLine {
    /// The number, and the offset of the first byte behind its line.
    case value(Int64, next: Int)
    /// The line has not arrived in full.
    case incomplete
    /// No continuation can make this a number.
    case invalid

    static func read(_ bytes: Span<UInt8>, at offset: Int) -> LengthLine {
        // Most lengths have one digit or two.
        if bytes.count - offset > 3 {
            let (first, second) = (bytes[offset] &- ASCII.zero, bytes[offset + 1])
            if first < 10, second == ASCII.carriageReturn, bytes[offset + 2] == ASCII.lineFeed {
                return .value(Int64(first), next: offset + 3)
            }
            let digit = second &- ASCII.zero
            if first < 10, first > 0, digit < 10, bytes[offset + 2] == ASCII.carriageReturn,
                bytes[offset + 3] == ASCII.lineFeed
            {
                return .value(Int64(first) * 10 + Int64(digit), next: offset + 4)
            }
        }
        var index = offset
        guard index < bytes.count else { return .incomplete }
        let isNegative = bytes[index] == ASCII.minus
        if isNegative { index += 1 }
        let firstDigit = index
        // The value is gathered below zero, where the range reaches one further: Int64.min needs no case of its own.
        var value: Int64 = 0
        while index < bytes.count {
            let byte = bytes[index]
            guard (ASCII.zero...ASCII.nine).contains(byte) else {
                guard byte == ASCII.carriageReturn, index > firstDigit else { return .invalid }
                return finish(bytes, at: index + 1, value: value, isNegative: isNegative)
            }
            // A zero may only stand alone: with a minus before it or a digit behind it, Redis refuses the number.
            if value == 0, index > firstDigit || (isNegative && byte == ASCII.zero) { return .invalid }
            let (shifted, overflowed) = value.multipliedReportingOverflow(by: 10)
            let (next, underflowed) = shifted.subtractingReportingOverflow(Int64(byte - ASCII.zero))
            guard !overflowed, !underflowed else { return .invalid }
            value = next
            index += 1
        }
        return .incomplete
    }

    private static func finish(_ bytes: Span<UInt8>, at offset: Int, value: Int64, isNegative: Bool) -> LengthLine {
        guard isNegative || value != .min else { return .invalid }
        guard offset < bytes.count else { return .incomplete }
        guard bytes[offset] == ASCII.lineFeed else { return .invalid }
        return .value(isNegative ? value : -value, next: offset + 1)
    }
}
