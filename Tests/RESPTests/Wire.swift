import RESP

/// One thing that the parser found in a stream, with copies of its arguments.
enum Found: Equatable {
    case request([[UInt8]], length: Int)
    case blank(length: Int)
    case malformed(ProtocolError)
}

/// Feeds a stream to a parser the way a connection does: appends a portion, takes what is whole, keeps the rest.
struct Feed {
    var parser: RequestParser
    var bytes: [UInt8] = []
    var found: [Found] = []
    /// Nothing is taken behind a malformed request: its connection is closed.
    var isClosed = false

    init(maxRequestBytes: Int = 4096, maxArguments: Int = 64) {
        parser = RequestParser(maxRequestBytes: maxRequestBytes, maxArguments: maxArguments)
    }

    mutating func feed(_ portion: some Sequence<UInt8>) {
        bytes.append(contentsOf: portion)
        let bytes = bytes
        var start = 0
        while !isClosed {
            switch parser.next(in: bytes.span, from: start) {
            case .request(let length):
                found.append(.request(arguments(from: start), length: length))
                start += length
            case .blank(let length):
                found.append(.blank(length: length))
                start += length
            case .incomplete:
                self.bytes.removeSubrange(..<start)
                return
            case .malformed(let error):
                found.append(.malformed(error))
                isClosed = true
            }
        }
    }

    private func arguments(from start: Int) -> [[UInt8]] {
        (0..<parser.argumentCount).map { index in
            let range = parser.argument(index)
            return parser.isInline
                ? Array(parser.inlineBytes[range])
                : Array(bytes[(start + range.lowerBound)..<(start + range.upperBound)])
        }
    }

    /// What is found in a stream that comes in these portions.
    static func all(
        _ portions: some Sequence<some Sequence<UInt8>>, maxRequestBytes: Int = 4096, maxArguments: Int = 64
    ) -> [Found] {
        var feed = Feed(maxRequestBytes: maxRequestBytes, maxArguments: maxArguments)
        for portion in portions { feed.feed(portion) }
        return feed.found
    }

    static func whole(_ text: String, maxRequestBytes: Int = 4096, maxArguments: Int = 64) -> [Found] {
        all([Array(text.utf8)], maxRequestBytes: maxRequestBytes, maxArguments: maxArguments)
    }
}

extension Found {
    /// A request of these texts that took the whole of `wire`.
    static func request(_ arguments: [String], in wire: String) -> Found {
        .request(arguments.map { Array($0.utf8) }, length: wire.utf8.count)
    }
}

extension OutputBuffer {
    /// The bytes as text, for comparing.
    var text: String { withReadable { span in String(decoding: span.indices.map { span[$0] }, as: UTF8.self) } }

    /// A buffer that `body` filled.
    static func filled(_ body: (inout OutputBuffer) -> Void) -> String {
        var output = OutputBuffer()
        body(&output)
        return output.text
    }
}
