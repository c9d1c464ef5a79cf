extension RequestParser {
    /// The fewest bytes an argument can take: `$0\r\n\r\n`.
    private static let minArgumentBytes = 6

    /// Goes on with an array request as far as its bytes reach.
    mutating func nextMultibulk(_ request: Span<UInt8>) -> ParseOutcome {
        if stage == .count, let outcome = readCount(request) { return outcome }
        while pendingArguments > 0 {
            if stage == .header, let outcome = readHeader(request) { return outcome }
            if let outcome = readBulk(request) { return outcome }
        }
        return .request(length: position)
    }

    /// Reads the number of arguments. Returns nil once it is known and the arguments follow.
    private mutating func readCount(_ request: Span<UInt8>) -> ParseOutcome? {
        switch LengthLine.read(request, at: position) {
        case .incomplete: return .incomplete
        case .invalid: return .malformed(.invalidMultibulkLength)
        case .value(let count, let next):
            guard count > 0 else { return .blank(length: next) }
            guard count <= Int64(Int32.max) else { return .malformed(.invalidMultibulkLength) }
            guard count <= Int64(maxArguments) else { return .malformed(.tooManyArguments) }
            pendingArguments = Int(count)
            position = next
            stage = .header
            return fits(pendingArguments, argumentsFrom: next) ? nil : .malformed(.tooBigRequest)
        }
    }

    /// Reads an argument's declared length. Returns nil once it is known.
    private mutating func readHeader(_ request: Span<UInt8>) -> ParseOutcome? {
        guard position < request.count else { return .incomplete }
        guard request[position] == ASCII.dollar else { return .malformed(.expectedDollar(request[position])) }
        switch LengthLine.read(request, at: position + 1) {
        case .incomplete: return .incomplete
        case .invalid: return .malformed(.invalidBulkLength)
        case .value(let length, let next):
            guard length >= 0 else { return .malformed(.invalidBulkLength) }
            // The first test keeps the second one's sum from overflowing.
            guard length <= Int64(maxRequestBytes),
                fits(pendingArguments - 1, argumentsFrom: next + Int(length) + 2)
            else { return .malformed(.tooBigRequest) }
            bulkLength = Int(length)
            position = next
            stage = .bulk
            return nil
        }
    }

    /// Takes an argument's bytes and the CR LF behind them. Returns nil once they are all there.
    private mutating func readBulk(_ request: Span<UInt8>) -> ParseOutcome? {
        let end = position + bulkLength
        guard end < request.count else { return .incomplete }
        guard request[end] == ASCII.carriageReturn else { return .malformed(.invalidBulkLength) }
        guard end + 1 < request.count else { return .incomplete }
        guard request[end + 1] == ASCII.lineFeed else { return .malformed(.invalidBulkLength) }
        ranges.append(position..<end)
        pendingArguments -= 1
        position = end + 2
        stage = .header
        return nil
    }

    /// Whether a request that has `count` more arguments behind `offset` can still be within the limit.
    private func fits(_ count: Int, argumentsFrom offset: Int) -> Bool {
        let (rest, overflowed) = count.multipliedReportingOverflow(by: Self.minArgumentBytes)
        return !overflowed && offset <= maxRequestBytes && rest <= maxRequestBytes - offset
    }
}
