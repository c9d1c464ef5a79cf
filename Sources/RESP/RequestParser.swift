/// Finds requests in the bytes of one client connection, the array form (`*2\r\n$4\r\n…`) and the inline form
/// (`CHECK acme messages\r\n`).
///
/// One connection owns one parser and calls it on its loop's thread. It never copies an argument of an array request
/// and, once its buffers have grown to the connection's largest request, never allocates. A request that has half
/// arrived is not scanned again from its start. The outcome of a request depends on its bytes alone, not on how they
/// were split.
public struct RequestParser: Sendable {
    enum Stage {
        /// Between requests → the next byte says which form comes.
        case start
        /// In an inline line; `position` is the first byte not yet searched for the line's end.
        case inline
        /// At the number behind `*`.
        case count
        /// At the `$` of an argument.
        case header
        /// In the bytes of an argument, of which `bulkLength` are declared.
        case bulk
    }

    let maxRequestBytes: Int
    let maxArguments: Int
    var stage = Stage.start
    /// The first byte that is not understood yet, relative to the request's start.
    var position = 0
    var bulkLength = 0
    var pendingArguments = 0
    var ranges: [Range<Int>] = []

    /// Whether the last request was inline: its arguments are then ranges of ``inlineBytes``.
    public internal(set) var isInline = false

    /// The arguments of an inline request, unquoted and unescaped, one behind the other.
    public internal(set) var inlineBytes: [UInt8] = []

    /// A parser between two requests.
    ///
    /// - Parameters:
    ///   - maxRequestBytes: the longest request, framing included, in bytes; 1 … 2^40.
    ///   - maxArguments: the most arguments in a request, the command's name included; at least 1.
    public init(maxRequestBytes: Int, maxArguments: Int = 1024) {
        // The upper bound keeps sums of an offset and a declared length far from overflow.
        precondition((1...1 << 40).contains(maxRequestBytes), "a request has 1 … 2^40 bytes")
        precondition(maxArguments > 0, "a request has at least one argument")
        self.maxRequestBytes = maxRequestBytes
        self.maxArguments = maxArguments
    }

    /// How many arguments the last request has, the command's name included. Meaningful only after `.request`.
    public var argumentCount: Int { ranges.count }

    /// Where argument `index` stands: relative to the request's start, or in ``inlineBytes`` if ``isInline``.
    /// Meaningful only after `.request`, and until the next call of `next` or `reset`.
    public func argument(_ index: Int) -> Range<Int> { ranges[index] }

    /// Reads one request.
    ///
    /// After `.incomplete`, call again with the bytes of the same request and more; the request may have moved within
    /// `bytes` meanwhile. After any other outcome the parser is at the start of the next request.
    ///
    /// - Parameters:
    ///   - bytes: what has arrived.
    ///   - start: the index in `bytes` at which the request begins, 0 … `bytes.count`.
    public mutating func next(in bytes: Span<UInt8>, from start: Int) -> ParseOutcome {
        guard start < bytes.count else { return .incomplete }
        let request = bytes.extracting(start...)
        if stage == .start { begin(with: request[0]) }
        let outcome = stage == .inline ? nextInline(request) : nextMultibulk(request)
        if outcome != .incomplete { stage = .start }
        return outcome
    }

    /// Forgets a half-read request and the arguments of the last one, and keeps the buffers.
    public mutating func reset() {
        stage = .start
        ranges.removeAll(keepingCapacity: true)
        inlineBytes.removeAll(keepingCapacity: true)
        isInline = false
    }

    private mutating func begin(with firstByte: UInt8) {
        reset()
        isInline = firstByte != ASCII.asterisk
        stage = isInline ? .inline : .count
        position = isInline ? 0 : 1
    }
}
