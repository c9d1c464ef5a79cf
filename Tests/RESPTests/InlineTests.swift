import RESP
import TestSupport
import Testing

/// The quoting rules are those of Redis' `sdssplitargs`.
@Suite struct `Inline requests` {
    static let table: [(line: String, arguments: [String])] = [
        ("foo", ["foo"]),
        ("  foo \t bar  ", ["foo", "bar"]),
        ("foo\u{0B}bar", ["foo\u{0B}bar"]),
        ("\u{0B}\u{0C}foo", ["foo"]),
        ("foo\rbar", ["foo", "bar"]),
        ("\"foo bar\"", ["foo bar"]),
        ("'foo bar'", ["foo bar"]),
        ("\"\"", [""]),
        ("''", [""]),
        ("a \"\" b", ["a", "", "b"]),
        ("\"\\n\\r\\t\\b\\a\\q\\\\\\\"\"", ["\n\r\t\u{08}\u{07}q\\\""]),
        ("\"\\x41\\x7a\\x7A\"", ["Azz"]),
        ("\"\\x4\"", ["x4"]),
        ("\"\\xzz\"", ["xzz"]),
        ("'\\n \\x41 \\'quoted\\' \"'", ["\\n \\x41 'quoted' \""]),
        ("\"it's\"", ["it's"]),
        ("foo\"bar\"", ["foobar"]),
        ("foo'b r'", ["foob r"]),
        ("foo\\nbar", ["foo\\nbar"]),
        ("\"a\"\u{0B}\"b\"", ["a", "b"]),
    ]

    static let unbalanced = [
        "\"foo", "'foo", "\"foo\"bar", "'foo'bar", "\"foo\"\"bar\"", "\"foo\\\"", "'foo\\'", "\"\\", "foo \"", "foo '",
    ]

    @Test(arguments: table)
    func `a line is split as Redis splits it`(line: String, arguments: [String]) {
        for end in ["\n", "\r\n"] {
            #expect(Feed.whole(line + end) == [.request(arguments, in: line + end)])
        }
    }

    @Test(arguments: unbalanced)
    func `quotes have to match`(line: String) {
        #expect(Feed.whole(line + "\r\n") == [.malformed(.unbalancedQuotes)])
    }

    @Test func `an escape can name any byte`() {
        let wire = Array("\"\\xff\\x00\\x80\"\n".utf8)
        #expect(Feed.all([wire]) == [.request([[0xFF, 0, 0x80]], length: wire.count)])
    }

    /// A real server keeps the table above honest: it stores the arguments in a list and gives them back.
    @Test func `Redis splits these lines the same way`() async throws {
        let server = try await RedisServer.start()
        let client = try server.connect()
        for (line, arguments) in Self.table {
            try client.send(raw: "DEL list\r\nRPUSH list \(line)\r\nLRANGE list 0 -1\r\n")
            _ = try client.read()
            #expect(try client.read() == .integer(Int64(arguments.count)), "\(line.debugDescription)")
            #expect(try client.read() == .array(arguments.map { .bulk(Array($0.utf8)) }), "\(line.debugDescription)")
        }
        for line in Self.unbalanced {
            let client = try server.connect()
            try client.send(raw: line + "\r\n")
            #expect(try client.read() == .error("ERR " + ProtocolError.unbalancedQuotes.message))
        }
    }
}
