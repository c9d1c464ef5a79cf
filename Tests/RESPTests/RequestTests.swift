import RESP
import Testing

@Suite struct `Reading requests` {
    @Test func `an array request gives its arguments in place`() {
        let wire = "*3\r\n$5\r\nCHECK\r\n$4\r\nacme\r\n$0\r\n\r\n"
        #expect(Feed.whole(wire) == [.request(["CHECK", "acme", ""], in: wire)])
    }

    @Test func `an argument may hold any bytes`() {
        let wire = "*1\r\n$6\r\n\r\n\0*$\"\r\n"
        #expect(Feed.whole(wire) == [.request(["\r\n\0*$\""], in: wire)])
    }

    @Test func `pipelined requests come one by one and in order`() {
        let first = "*1\r\n$1\r\na\r\n"
        let second = "b\r\n"
        #expect(
            Feed.whole(first + second + first) == [
                .request(["a"], in: first), .request(["b"], in: second), .request(["a"], in: first),
            ])
    }

    @Test(arguments: ["*0\r\n", "*-1\r\n", "*-9223372036854775808\r\n", "\r\n", "\n", " \t \r\n"])
    func `a request for nothing is skipped`(wire: String) {
        #expect(Feed.whole(wire) == [.blank(length: wire.utf8.count)])
    }

    @Test(arguments: [
        "*\r\n", "*a\r\n", "*+1\r\n", "*01\r\n", "*-0\r\n", "*-\r\n", "*1 \r\n", "* 1\r\n", "*--1\r\n", "*1\n", "*1\rx",
        "*2147483648\r\n", "*9223372036854775808\r\n", "*-9223372036854775809\r\n", "*99999999999999999999999",
    ])
    func `a count that Redis refuses is refused`(wire: String) {
        #expect(Feed.whole(wire) == [.malformed(.invalidMultibulkLength)])
    }

    @Test(arguments: [
        "$\r\n", "$-1\r\n", "$+1\r\n", "$01\r\n", "$00\r\n", "$-0\r\n", "$1x\r\n", "$1\n", "$1\rx",
        "$9223372036854775808\r\n",
        "$1\r\naXX", "$1\r\na\rX", "$1\r\na\n", "$0\r\nX",
    ])
    func `a length that Redis refuses or that does not hold is refused`(argument: String) {
        #expect(Feed.whole("*1\r\n" + argument) == [.malformed(.invalidBulkLength)])
    }

    @Test func `a bulk string has to begin with a dollar`() {
        #expect(Feed.whole("*1\r\n:1\r\n") == [.malformed(.expectedDollar(UInt8(ascii: ":")))])
    }

    @Test(arguments: [
        (ProtocolError.invalidMultibulkLength, "Protocol error: invalid multibulk length"),
        (.invalidBulkLength, "Protocol error: invalid bulk length"),
        (.expectedDollar(UInt8(ascii: ":")), "Protocol error: expected '$', got ':'"),
        (.expectedDollar(0x0D), "Protocol error: expected '$', got '\\x0d'"),
        (.expectedDollar(0xFF), "Protocol error: expected '$', got '\\xff'"),
        (.unbalancedQuotes, "Protocol error: unbalanced quotes in request"),
        (.tooBigInline, "Protocol error: too big inline request"),
        (.tooBigRequest, "Protocol error: too big request"),
        (.tooManyArguments, "Protocol error: too many arguments"),
    ])
    func `an error says what Redis says`(error: ProtocolError, message: String) {
        #expect(error.message == message)
    }
}
