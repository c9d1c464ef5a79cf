import RESP
import Testing

@Suite struct `Writing replies` {
    @Test(arguments: [Int64.min, -1_000_000, -10, -9, -1, 0, 1, 9, 10, 99, 100, 12_345, Int64.max - 1, Int64.max])
    func `integers are written to their extremes`(value: Int64) {
        let digits = String(value)
        #expect(OutputBuffer.filled { $0.append(integer: value) } == ":\(digits)\r\n")
        #expect(OutputBuffer.filled { $0.append(bulkInteger: value) } == "$\(digits.utf8.count)\r\n\(digits)\r\n")
        #expect(
            OutputBuffer.filled { $0.appendArgument(integer: value) } == "$\(digits.utf8.count)\r\n\(digits)\r\n")
    }

    @Test func `strings and errors are framed`() {
        #expect(OutputBuffer.filled { $0.append(simple: "OK") } == "+OK\r\n")
        #expect(OutputBuffer.filled { $0.append(error: "ERR no") } == "-ERR no\r\n")
        #expect(OutputBuffer.filled { $0.append(bulk: "messages") } == "$8\r\nmessages\r\n")
        #expect(OutputBuffer.filled { $0.append(bulk: "") } == "$0\r\n\r\n")
        #expect(OutputBuffer.filled { $0.append(bulkUTF8: "für\r\n") } == "$6\r\nfür\r\n\r\n")
        #expect(
            OutputBuffer.filled { $0.append(bulk: ([1, 2, 13, 10] as [UInt8]).span) } == "$4\r\n\u{1}\u{2}\r\n\r\n")
        #expect(OutputBuffer.filled { $0.append(raw: "+QUEUED\r\n") } == "+QUEUED\r\n")
    }

    @Test func `an error made at run time cannot break the framing`() {
        #expect(OutputBuffer.filled { $0.append(errorText: "ERR a\r\n+OK\n") } == "-ERR a  +OK \r\n")
        #expect(OutputBuffer.filled { $0.append(simpleText: "a\r\n-ERR") } == "+a  -ERR\r\n")
    }

    @Test func `RESP2 gets plain forms of what only RESP3 has`() {
        #expect(OutputBuffer.filled { $0.appendNull(.two) } == "$-1\r\n")
        #expect(OutputBuffer.filled { $0.appendNull(.three) } == "_\r\n")
        #expect(OutputBuffer.filled { $0.append(boolean: true, .two) } == ":1\r\n")
        #expect(OutputBuffer.filled { $0.append(boolean: false, .two) } == ":0\r\n")
        #expect(OutputBuffer.filled { $0.append(boolean: true, .three) } == "#t\r\n")
        #expect(OutputBuffer.filled { $0.append(boolean: false, .three) } == "#f\r\n")
        #expect(OutputBuffer.filled { $0.appendMapHeader(7, .two) } == "*14\r\n")
        #expect(OutputBuffer.filled { $0.appendMapHeader(7, .three) } == "%7\r\n")
        #expect(OutputBuffer.filled { $0.appendSetHeader(2, .two) } == "*2\r\n")
        #expect(OutputBuffer.filled { $0.appendSetHeader(2, .three) } == "~2\r\n")
        #expect(OutputBuffer.filled { $0.appendArrayHeader(0) } == "*0\r\n")
    }

    @Test func `a command that is written is the request that is read`() {
        let wire = OutputBuffer.filled {
            $0.appendCommand(argumentCount: 4)
            $0.appendArgument("RECORD")
            $0.appendArgument(Array("acme".utf8).span)
            $0.appendArgument("größe")
            $0.appendArgument(integer: .min)
        }
        #expect(Feed.whole(wire) == [.request(["RECORD", "acme", "größe", "-9223372036854775808"], in: wire)])
    }
}
