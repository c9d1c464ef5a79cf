import RESP
import TestSupport
import Testing

@Suite struct `Reading replies` {
    static let replies: [(wire: String, value: RESPValue)] = [
        ("+OK\r\n", .simple("OK")),
        ("+\r\n", .simple("")),
        ("-ERR no\r\n", .error("ERR no")),
        (":-9223372036854775808\r\n", .integer(.min)),
        ("$3\r\na\r\n\r\n", .bulk([97, 13, 10])),
        ("$0\r\n\r\n", .bulk([])),
        ("$-1\r\n", .null),
        ("*-1\r\n", .null),
        ("_\r\n", .null),
        ("*0\r\n", .array([])),
        ("*2\r\n:1\r\n*1\r\n+a\r\n", .array([.integer(1), .array([.simple("a")])])),
        ("*2\r\n*0\r\n$1\r\nx\r\n", .array([.array([]), .bulk([120])])),
        ("%1\r\n+a\r\n:1\r\n", .map([.init(key: .simple("a"), value: .integer(1))])),
        ("~1\r\n:1\r\n", .set([.integer(1)])),
        (">1\r\n+x\r\n", .push([.simple("x")])),
        ("#t\r\n", .boolean(true)),
        (",1.5\r\n", .double(1.5)),
        (",-inf\r\n", .double(-.infinity)),
        ("(-123456789012345678901234567890\r\n", .bigNumber("-123456789012345678901234567890")),
        ("=8\r\ntxt:abcd\r\n", .verbatim(format: "txt", text: "abcd")),
        ("!6\r\nERR no\r\n", .error("ERR no")),
        ("|1\r\n+ttl\r\n:5\r\n+OK\r\n", .simple("OK")),
        ("*1\r\n|0\r\n+OK\r\n", .array([.simple("OK")])),
    ]

    @Test(arguments: replies)
    func `a reply is read whole, split at every byte and twice over`(wire: String, value: RESPValue) throws {
        let bytes = Array(wire.utf8)
        for cut in 0..<bytes.count {
            var parser = ReplyParser()
            parser.append(Array(bytes[..<cut]))
            #expect(try parser.next() == nil)
            parser.append(Array(bytes[cut...]) + bytes)
            #expect(try parser.next() == value)
            #expect(try parser.next() == value)
            #expect(try parser.next() == nil)
        }
    }

    @Test(arguments: [
        "\r\n", "x\r\n", "$x\r\n", "$-2\r\n", "$1\r\nabc", "*-2\r\n", "%-1\r\n", ":\r\n", ":1.5\r\n", "#x\r\n",
        ",x\r\n",
        "_x\r\n", "(x\r\n", "(-\r\n", "=3\r\ntxt\r\n", "!-1\r\n", "$?\r\n",
    ])
    func `bytes that are no reply are refused`(wire: String) throws {
        var parser = ReplyParser()
        parser.append(Array(wire.utf8))
        let error = #expect(throws: ReplyError.self) { try parser.next() }
        guard case .malformed = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func `a reply of exactly the limit is taken and one byte more is not`() throws {
        let wire = Array("*2\r\n$3\r\nabc\r\n+d\r\n".utf8)
        var parser = ReplyParser(maxReplyBytes: wire.count)
        for _ in 0..<3 {
            parser.append(wire)
            #expect(try parser.next() != nil)
        }
        var tight = ReplyParser(maxReplyBytes: wire.count - 1)
        tight.append(wire)
        #expect(throws: ReplyError.tooLarge(maxBytes: wire.count - 1)) { try tight.next() }
    }

    @Test(arguments: ["$1000\r\n", "*1000\r\n", "%1000\r\n", "$9223372036854775807\r\n", "*9223372036854775807\r\n"])
    func `what a reply declares is refused before its bytes come`(wire: String) {
        var parser = ReplyParser(maxReplyBytes: 100)
        parser.append(Array(wire.utf8))
        #expect(throws: ReplyError.tooLarge(maxBytes: 100)) { try parser.next() }
    }

    @Test func `nesting is bounded`() throws {
        var parser = ReplyParser(maxDepth: 3)
        parser.append(Array("*1\r\n*1\r\n*1\r\n:1\r\n".utf8))
        #expect(try parser.next() == .array([.array([.array([.integer(1)])])]))
        parser.append(Array("*1\r\n*1\r\n*1\r\n*1\r\n".utf8))
        #expect(throws: ReplyError.tooDeep(maxDepth: 3)) { try parser.next() }
    }

    @Test func `random bytes are read or refused, and never trap`() {
        var random = SeededRandom(for: "replies")
        let types = Array("+-:$*%~>|#,(=!_\r\n0123456789ab".utf8)
        for _ in 0..<5000 {
            var parser = ReplyParser(maxReplyBytes: 200, maxDepth: 4)
            parser.append((0..<40).map { _ in types.randomElement(using: &random) ?? 0 })
            var count = 0
            while (try? parser.next()) != nil { count += 1 }
            // No reply is shorter than three bytes.
            #expect(count <= 13, "seed \(random.seed)")
        }
    }

    @Test func `fields are found by name in both versions`() {
        let pairs: [RESPValue] = [
            .bulk(Array("allowed".utf8)), .integer(1), .bulk(Array("reason".utf8)), .simple("ok"),
        ]
        for value in [
            RESPValue.array(pairs),
            .map([.init(key: pairs[0], value: pairs[1]), .init(key: pairs[2], value: pairs[3])]),
        ] {
            #expect(value["allowed"]?.integer == 1)
            #expect(value["reason"]?.text == "ok")
            #expect(value["limit"] == nil)
        }
    }

    @Test func `a real server's replies are read in both versions`() async throws {
        let server = try await RedisServer.start()
        let client = try server.connect()
        #expect(try client.call("HSET", "hash", "field", "1") == .integer(1))
        #expect(try client.call("HGETALL", "hash") == .array([.bulk(Array("field".utf8)), .bulk(Array("1".utf8))]))
        #expect(try client.helloThree()["server"]?.text == "redis")
        #expect(try client.call("HGETALL", "hash")["field"]?.text == "1")
        #expect(try client.call("GET", "nothing") == .null)
        #expect(try client.call("ZADD", "z", "1.5", "m") == .integer(1))
        #expect(try client.call("ZSCORE", "z", "m") == .double(1.5))
        #expect(try client.call("DEBUG", "NOTHING").errorText?.hasPrefix("ERR") == true)
        let replies = try client.pipeline((0..<1000).map { ["ECHO", String($0)] })
        #expect(replies.map(\.text) == (0..<1000).map { String($0) })
    }
}
