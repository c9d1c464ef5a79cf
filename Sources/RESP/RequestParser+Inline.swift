extension RequestParser {
    /// Searches the line's end and, once it is there, splits the line.
    mutating func nextInline(_ request: Span<UInt8>) -> ParseOutcome {
        let searchEnd = min(request.count, maxRequestBytes)
        while position < searchEnd, request[position] != ASCII.lineFeed { position += 1 }
        guard position < searchEnd else {
            return searchEnd == maxRequestBytes ? .malformed(.tooBigInline) : .incomplete
        }
        let hasCarriageReturn = position > 0 && request[position - 1] == ASCII.carriageReturn
        let line = request.extracting(..<(hasCarriageReturn ? position - 1 : position))
        if let error = split(line) { return .malformed(error) }
        let length = position + 1
        return ranges.isEmpty ? .blank(length: length) : .request(length: length)
    }

    /// Splits a line into arguments by the rules of Redis' `sdssplitargs`, except that a zero byte is a byte like
    /// others.
    private mutating func split(_ line: Span<UInt8>) -> ProtocolError? {
        var index = 0
        while true {
            while index < line.count, ASCII.isSpace(line[index]) { index += 1 }
            guard index < line.count else { return nil }
            guard ranges.count < maxArguments else { return .tooManyArguments }
            let start = inlineBytes.count
            guard copyArgument(line, &index) else { return .unbalancedQuotes }
            ranges.append(start..<inlineBytes.count)
        }
    }

    /// Copies one argument, unquoted, to `inlineBytes`; `index` goes behind it. Returns false if its quotes do not
    /// match.
    private mutating func copyArgument(_ line: Span<UInt8>, _ index: inout Int) -> Bool {
        while index < line.count {
            let byte = line[index]
            index += 1
            switch byte {
            case ASCII.space, ASCII.tab, ASCII.carriageReturn:
                return true
            case ASCII.quote, ASCII.apostrophe:
                // A quote may open in the middle of an argument, but a closing one ends the argument.
                guard byte == ASCII.quote ? copyQuoted(line, &index) : copyApostrophed(line, &index) else {
                    return false
                }
                return index == line.count || ASCII.isSpace(line[index])
            default:
                inlineBytes.append(byte)
            }
        }
        return true
    }

    /// Copies up to the closing `"`, escapes resolved. Returns false if there is none.
    private mutating func copyQuoted(_ line: Span<UInt8>, _ index: inout Int) -> Bool {
        while index < line.count {
            let byte = line[index]
            index += 1
            if byte == ASCII.quote { return true }
            guard byte == ASCII.backslash, index < line.count else {
                inlineBytes.append(byte)
                continue
            }
            let escaped = line[index]
            index += 1
            if escaped == UInt8(ascii: "x"), index + 1 < line.count,
                let high = ASCII.hexValue(line[index]), let low = ASCII.hexValue(line[index + 1])
            {
                inlineBytes.append(high << 4 | low)
                index += 2
            } else {
                inlineBytes.append(Self.unescaped(escaped))
            }
        }
        return false
    }

    /// Copies up to the closing `'`, in which `\'` alone is an escape. Returns false if there is none.
    private mutating func copyApostrophed(_ line: Span<UInt8>, _ index: inout Int) -> Bool {
        while index < line.count {
            let byte = line[index]
            index += 1
            if byte == ASCII.apostrophe { return true }
            if byte == ASCII.backslash, index < line.count, line[index] == ASCII.apostrophe {
                inlineBytes.append(ASCII.apostrophe)
                index += 1
            } else {
                inlineBytes.append(byte)
            }
        }
        return false
    }

    private static func unescaped(_ byte: UInt8) -> UInt8 {
        switch byte {
        case UInt8(ascii: "n"): ASCII.lineFeed
        case UInt8(ascii: "r"): ASCII.carriageReturn
        case UInt8(ascii: "t"): ASCII.tab
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "a"): 0x07
        default: byte
        }
    }
}
