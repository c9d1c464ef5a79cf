import RESP
import Testing

@Suite struct `Limits of a request` {
    @Test func `a request of exactly the limit is taken and one byte more is not`() {
        let wire = "*2\r\n$1\r\na\r\n$3\r\nbcd\r\n"
        let length = wire.utf8.count
        #expect(Feed.whole(wire, maxRequestBytes: length) == [.request(["a", "bcd"], in: wire)])
        #expect(Feed.whole(wire, maxRequestBytes: length - 1) == [.malformed(.tooBigRequest)])
    }

    @Test(arguments: [
        // 4 bytes of header and 3 arguments of at least 6 bytes.
        ("*3\r\n", 22),
        // 4 and 6 bytes of headers, 10 and 2 of the argument, and at least 6 of the next.
        ("*2\r\n$10\r\n", 27),
    ])
    func `what a request declares is refused before its bytes come`(wire: String, least: Int) {
        #expect(Feed.whole(wire, maxRequestBytes: least).isEmpty)
        #expect(Feed.whole(wire, maxRequestBytes: least - 1) == [.malformed(.tooBigRequest)])
    }

    @Test(arguments: ["*1\r\n$9223372036854775807\r\n", "*1\r\n$1099511627776\r\n"])
    func `a giant length is refused without overflow`(wire: String) {
        #expect(Feed.whole(wire, maxRequestBytes: 1 << 40) == [.malformed(.tooBigRequest)])
    }

    @Test func `an inline line of exactly the limit is taken and one byte more is not`() {
        let wire = "abcd\r\n"
        #expect(Feed.whole(wire, maxRequestBytes: 6) == [.request(["abcd"], in: wire)])
        #expect(Feed.whole(wire, maxRequestBytes: 5) == [.malformed(.tooBigInline)])
    }

    @Test func `an endless inline line is refused when it reaches the limit`() {
        #expect(Feed.whole("abcd", maxRequestBytes: 5).isEmpty)
        #expect(Feed.whole("abcde", maxRequestBytes: 5) == [.malformed(.tooBigInline)])
    }

    @Test func `so many arguments are taken and one more is not`() {
        let argument = "$1\r\na\r\n"
        let three = "*3\r\n" + argument + argument + argument
        #expect(Feed.whole(three, maxArguments: 3) == [.request(["a", "a", "a"], in: three)])
        #expect(Feed.whole("*4\r\n", maxArguments: 3) == [.malformed(.tooManyArguments)])
        #expect(Feed.whole("*2147483647\r\n", maxArguments: 3) == [.malformed(.tooManyArguments)])
        #expect(Feed.whole("a b c\n", maxArguments: 3) == [.request(["a", "b", "c"], in: "a b c\n")])
        #expect(Feed.whole("a b c d\n", maxArguments: 3) == [.malformed(.tooManyArguments)])
    }

    @Test func `a parser without room for a request is a mistake of the caller`() async {
        await #expect(processExitsWith: .failure) { _ = RequestParser(maxRequestBytes: 0) }
        await #expect(processExitsWith: .failure) { _ = RequestParser(maxRequestBytes: 1, maxArguments: 0) }
    }

    @Test func `a request that comes byte by byte is not scanned again from its start`() {
        // A megabyte in one inline line: quadratic scanning would look at half a tera of bytes.
        var parser = RequestParser(maxRequestBytes: 1 << 21)
        let line = [UInt8](repeating: UInt8(ascii: "a"), count: 1 << 20) + [UInt8(ascii: "\n")]
        for end in 1..<line.count {
            guard parser.next(in: line.span.extracting(..<end), from: 0) == .incomplete else {
                Issue.record("ended at \(end)")
                return
            }
        }
        #expect(parser.next(in: line.span, from: 0) == .request(length: line.count))
    }
}
