/// The parts that replies and commands are made of.
extension OutputBuffer {
    mutating func append(byte: UInt8) { bytes.append(byte) }

    mutating func append(bytes span: Span<UInt8>) {
        bytes.append(addingCapacity: span.count) { (output: inout OutputSpan<UInt8>) in
            for index in span.indices { output.append(span[index]) }
        }
    }

    mutating func append(utf8: String.UTF8View) { bytes.append(contentsOf: utf8) }

    mutating func appendLineEnd() {
        bytes.append(ASCII.carriageReturn)
        bytes.append(ASCII.lineFeed)
    }

    /// A type byte, a number and a line end: `:12\r\n`, `$5\r\n`, `*2\r\n`.
    mutating func appendLine(_ type: UInt8, _ value: Int64) {
        // One check of the capacity for the whole line: the type, up to 20 bytes of digits and minus, CR LF.
        bytes.append(addingCapacity: 23) { (output: inout OutputSpan<UInt8>) in
            output.append(type)
            if (0...9).contains(value) {
                output.append(ASCII.zero + UInt8(truncatingIfNeeded: value))
            } else {
                var digits = InlineArray<20, UInt8>(repeating: 0)
                for index in Self.format(value, into: &digits)..<20 { output.append(digits[index]) }
            }
            output.append(ASCII.carriageReturn)
            output.append(ASCII.lineFeed)
        }
    }

    /// The number as a bulk string: `$2\r\n12\r\n`.
    mutating func appendBulkDigits(_ value: Int64) {
        var digits = InlineArray<20, UInt8>(repeating: 0)
        let first = Self.format(value, into: &digits)
        appendLine(ASCII.dollar, Int64(20 - first))
        for index in first..<20 { bytes.append(digits[index]) }
        appendLineEnd()
    }

    /// Writes the digits to the array's end and returns the index of the first.
    private static func format(_ value: Int64, into digits: inout InlineArray<20, UInt8>) -> Int {
        var rest = value.magnitude
        var index = 20
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
