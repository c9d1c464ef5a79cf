import RESP
import TestSupport
import Testing

/// The outcome of a stream depends on its bytes, not on the portions in which they come.
@Suite struct `Splitting a stream` {
    static let streams = [
        "*1\r\n$4\r\nPING\r\n",
        "*4\r\n$4\r\nTAKE\r\n$4\r\nacme\r\n$8\r\nmessages\r\n$1\r\n1\r\n",
        "*2\r\n$4\r\nECHO\r\n$0\r\n\r\n",
        "*2\r\n$4\r\nECHO\r\n$12\r\n\r\n$1\r\n*1\r\n\r\n\r\n",
        "*0\r\n*-1\r\n\r\n\n   \r\n",
        "PING\r\n",
        "CHECK acme messages\n",
        "take  \"a b\" 'it\\'s' \"\\x41\\n\\\"\" \"\"\r\n",
        "ECHO \"unbalanced\r\n",
        "*1\r\n$4\r\nPING\r\nPING\r\n*1\r\n$4\r\nPING\r\n",
        "*1\r\n:4\r\n", "*x\r\n", "*1\r\n$-1\r\n", "*1\r\n$4\r\nPINGxx",
    ]

    @Test(arguments: streams)
    func `whole, split at every byte and byte by byte give the same`(stream: String) {
        let bytes = Array(stream.utf8)
        let expected = Feed.all([bytes])
        #expect(!expected.isEmpty)
        for cut in 0...bytes.count {
            #expect(Feed.all([bytes[..<cut], bytes[cut...]]) == expected, "cut at \(cut)")
        }
        #expect(Feed.all(bytes.map { [$0] }) == expected)
    }

    @Test(arguments: streams)
    func `a stream twice over gives everything twice`(stream: String) {
        let bytes = Array(stream.utf8)
        let once = Feed.all([bytes])
        if case .malformed = once.last {
            #expect(Feed.all([bytes + bytes]) == once)
        } else {
            #expect(Feed.all([bytes + bytes]) == once + once)
        }
    }

    @Test(arguments: streams)
    func `every corrupted byte gives the same, whole or byte by byte`(stream: String) {
        let bytes = Array(stream.utf8)
        let interesting: [UInt8] = [0, 10, 13, 32, 34, 36, 39, 42, 45, 48, 57, 92, 120, 255]
        for index in bytes.indices {
            for byte in interesting + [bytes[index] ^ 1, bytes[index] &+ 1] {
                var corrupted = bytes
                corrupted[index] = byte
                let expected = Feed.all([corrupted])
                #expect(Feed.all(corrupted.map { [$0] }) == expected, "byte \(index) is \(byte)")
            }
        }
    }

    @Test func `random streams in random portions give the same`() {
        var random = SeededRandom(for: "request streams")
        let pieces = [
            "*", "$", "\r\n", "\n", "1", "2", "4", "-1", "0", "PING", "\"", "'", "\\x4", "\\", " ", "a", "\0",
        ]
        for _ in 0..<3000 {
            var stream: [UInt8] = []
            for _ in 0..<Int.random(in: 1...12, using: &random) {
                stream +=
                    Bool.random(using: &random) ? Array((Self.streams.randomElement(using: &random) ?? "").utf8) : []
                stream += Array((pieces.randomElement(using: &random) ?? "").utf8)
                if Int.random(in: 0..<8, using: &random) == 0 { stream += random.bytes(3) }
            }
            var portions: [ArraySlice<UInt8>] = []
            var rest = stream[...]
            while !rest.isEmpty {
                let count = min(rest.count, Int.random(in: 1...9, using: &random))
                portions.append(rest.prefix(count))
                rest = rest.dropFirst(count)
            }
            let whole = Feed.all([stream], maxRequestBytes: 64, maxArguments: 5)
            let split = Feed.all(portions, maxRequestBytes: 64, maxArguments: 5)
            #expect(whole == split, "seed \(random.seed): \(String(decoding: stream, as: UTF8.self).debugDescription)")
        }
    }

    @Test func `the request may move within the buffer while it is incomplete`() {
        var parser = RequestParser(maxRequestBytes: 100)
        let padded = Array("xxxxx*2\r\n$4\r\nECHO\r\n$2\r\nh".utf8)
        #expect(parser.next(in: padded.span, from: 5) == .incomplete)
        let moved = Array("*2\r\n$4\r\nECHO\r\n$2\r\nhi\r\n".utf8)
        #expect(parser.next(in: moved.span, from: 0) == .request(length: moved.count))
        #expect(parser.argument(1) == 18..<20)
    }

    @Test func `reset forgets a half-read request`() {
        var parser = RequestParser(maxRequestBytes: 100)
        let half = Array("*2\r\n$4\r\nEC".utf8)
        #expect(parser.next(in: half.span, from: 0) == .incomplete)
        parser.reset()
        #expect(parser.argumentCount == 0)
        let ping = Array("PING\r\n".utf8)
        #expect(parser.next(in: ping.span, from: 0) == .request(length: 6))
    }
}
