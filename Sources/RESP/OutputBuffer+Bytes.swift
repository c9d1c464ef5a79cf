/// The parts that replies and commands are made of. Each makes room once and then writes in place, which
/// measured a third faster than appending byte by byte.
extension OutputBuffer {
    mutating func append(byte: UInt8) {
        reserve(1)
        storage[end] = byte
        end += 1
    }

    mutating func append(bytes: Span<UInt8>) {
        reserve(bytes.count)
        let start = end
        var output = storage.mutableSpan
        for index in bytes.indices { output[start + index] = bytes[index] }
        end = start + bytes.count
    }

    /// A type byte, a number and a line end: `:12\r\n`, `$5\r\n`, `*2\r\n`.
    mutating func appendLine(_ type: UInt8, _ value: Int64) {
        reserve(Self.maxLineBytes)
        var mark = end
        var output = storage.mutableSpan
        output[mark] = type
        mark += 1
        if (0...9).contains(value) {
            output[mark] = ASCII.zero + UInt8(truncatingIfNeeded: value)
            mark += 1
        } else {
            var digits = Digits(repeating: 0)
            for index in Self.format(value, into: &digits)..<digits.count {
                output[mark] = digits[index]
                mark += 1
            }
        }
        output[mark] = ASCII.carriageReturn
        output[mark + 1] = ASCII.lineFeed
        end = mark + 2
    }

    /// Bytes and a line end.
    mutating func appendLine(_ bytes: Span<UInt8>) {
        reserve(bytes.count + 2)
        var mark = end
        var output = storage.mutableSpan
        for index in bytes.indices {
            output[mark] = bytes[index]
            mark += 1
        }
        output[mark] = ASCII.carriageReturn
        output[mark + 1] = ASCII.lineFeed
        end = mark + 2
    }

    /// The number as a bulk string: `$2\r\n12\r\n`.
    mutating func appendBulkDigits(_ value: Int64) {
        var digits = Digits(repeating: 0)
        let first = Self.format(value, into: &digits)
        appendLine(ASCII.dollar, Int64(digits.count - first))
        appendLine(digits.span.extracting(first...))
    }

    /// A type byte, the longest Int64 and a line end.
    private static let maxLineBytes = 23

    /// The longest Int64 has 19 digits and a minus.
    private typealias Digits = InlineArray<20, UInt8>

    /// Writes the digits to the array's end and returns the index of the first.
    private static func format(_ value: Int64, into digits: inout Digits) -> Int {
        var rest = value.magnitude
        var index = digits.count
        repeat {
            let (quotient, remainder) = rest.quotientAndRemainder(dividingBy: 10)
            index -= 1
            digits[index] = ASCII.zero + UInt8(truncatingIfNeeded: remainder)
            rest = quotient
        } while rest > 0
        if value < 0 {
            index -= 1
            digits[index] = ASCII.minus
        }
        return index
    }
}
