import RESP
import Reactor
import TestSupport
import Testing

@testable import Gate

extension GateSuite {
    @Suite struct DiscoveryTests {
        @Test func `a killed client's calls are answered to nobody, and it is closed`() async throws {
            try await GateRig.run { gate in
                let operators = try gate.connect()
                let victim = try gate.connect()
                let identifier = try #require(try victim.call("CLIENT", "ID").integer)
                try victim.send(raw: "LEVEL acme seats 3\r\nPING\r\n")
                try await eventually("its call is out or answered") { try operators.call("PING") == .simple("PONG") }
                #expect(try operators.call("CLIENT", "KILL", "ID", String(identifier)) == .integer(1))
                _ = try victim.readToEnd()
                #expect(try operators.call("CLIENT", "KILL", "ID", String(identifier)) == .integer(0))
                #expect(try operators.call("TAKE", "acme", "messages").elements?[1].text == "ok")
                #expect(gate.metrics.value(.connections) == 1)
            }
        }

        @Test func `the replies of a killed client that wait behind a decision are dropped`() async throws {
            try await GateRig.run { gate in
                let operators = try gate.connect()
                let victim = try gate.connect()
                let identifier = try #require(try victim.call("CLIENT", "ID").integer)
                gate.redis.freeze()
                defer { gate.redis.thaw() }
                try victim.send(raw: "LEVEL acme seats 3\r\nPING\r\n")
                try await eventually("its call is out") { gate.metrics.value(.waiting) == 1 }
                let line = try operators.call("CLIENT", "LIST", "ID", String(identifier)).text
                #expect(try operators.call("CLIENT", "INFO").text?.contains(" oll=0 omem=0 events=r ") == true)
                #expect(line?.contains(" oll=2 omem=7 ") == true)
                #expect(try operators.call("CLIENT", "KILL", "ID", String(identifier)) == .integer(1))
                #expect(try victim.readToEnd().isEmpty)
                gate.redis.thaw()
                try await eventually("the answer was let go of") { gate.metrics.value(.waiting) == 0 }
                #expect(try operators.call("PING") == .simple("PONG"))
            }
        }

        @Test func `who kills itself is answered first, and all before it too`() async throws {
            try await GateRig.run { gate in
                let client = try gate.connect()
                let identifier = try #require(try client.call("CLIENT", "ID").integer)
                #expect(try client.call("CLIENT", "KILL", "ID", String(identifier)) == .integer(0))
                try client.send(raw: "LEVEL acme seats 3\r\nCLIENT KILL ID \(identifier) SKIPME no\r\nPING\r\n")
                #expect(try client.read().elements?[0].integer == 1)
                #expect(try client.read() == .integer(1))
                #expect(throws: TestFailure.self) { try client.read() }
            }
        }

        @Test func `who is no operator reaches the connections of its own user alone`() async throws {
            try await GateRig.run(configure: { $0.operatorUserIDs = [] }) { gate in
                let client = try gate.connect()
                let other = try gate.connect()
                _ = try other.call("PING")
                #expect(try client.call("CLIENT", "LIST").text?.split(separator: "\n").count == 2)
                let refusal = "NOPERM another user's connection: only that user, root and tollgate's own may end it"
                #expect(try client.call("CLIENT", "KILL", "UID", "4000000").errorText == refusal)
                #expect(
                    try client.call("SLOWLOG", "RESET").errorText
                        == "NOPERM only root and tollgate's own user may reset the slow log")
                #expect(try client.call("SLOWLOG", "LEN") == .integer(0))
                #expect(try client.call("CLIENT", "KILL", "SKIPME", "yes") == .integer(1))
                #expect(try other.readToEnd().isEmpty)
                let reach = await gate.onLoop { server in
                    let client = server.clients(matching: ClientFilter.everybody)[0]
                    let own = client.peer?.userID
                    return [own, own.map { $0 + 1 }, nil].map { client.mayReach($0) }
                }
                #expect(reach == [true, false, false])
            }
        }

        @Test func `a call that waited is in the slow log, as it was understood`() async throws {
            try await GateRig.run(configure: { $0.slowLogThreshold = 0 }) { gate in
                let client = try gate.connect()
                _ = try client.call("CLIENT", "SETNAME", "app")
                _ = try client.call("TAKE", "acme", "messages", "ID", "order/1")
                _ = try client.call("RECORD", "acme", "messages", "2", "tokens", "5", "ID", "order/2")
                _ = try client.call("FEATURE", "globex", "export")
                _ = try client.call("RESERVE", "initech", "tokens", "3")
                _ = try client.call("USAGE", "acme")
                let entries = try #require(try client.call("SLOWLOG", "GET", "-1").elements)
                #expect(
                    entries.map { $0.elements?[3].elements?.compactMap(\.text).joined(separator: " ") } == [
                        "USAGE acme", "RESERVE initech tokens 3 TTL 60000", "FEATURE globex export",
                        "RECORD acme messages 2 tokens 5 ID order/2",
                        "TAKE acme messages 1 ID order/1",
                    ])
                #expect(entries.map { $0.elements?[0].integer } == [4, 3, 2, 1, 0])
                for entry in entries {
                    #expect(entry.elements?.count == 6 && entry.elements?[5] == .bulk("app"))
                    #expect(entry.elements?[4].text?.hasPrefix("uid:") == true)
                    #expect(entry.elements?[2].integer.map { (0..<2_000_000).contains($0) } == true)
                }
                #expect(try client.call("SLOWLOG", "GET", "1").elements?.count == 1)
                #expect(try client.call("SLOWLOG", "RESET") == .simple("OK"))
                #expect(try client.call("SLOWLOG", "LEN") == .integer(0))
            }
        }

        @Test func `calls that are decided in memory, and those that waited less, are not in the slow log`()
            async throws
        {
            try await GateRig.run(configure: { $0.slowLogThreshold = 0 }) { gate in
                try gate.put("acme", plan: "starter")
                let client = try gate.connect()
                for _ in 0..<100 { _ = try client.call("TAKE", "acme", "messages") }
                let decidedInMemory = gate.metrics.value(.decidedByLease)
                #expect(decidedInMemory > 0)
                let waited = try #require(try client.call("SLOWLOG", "LEN").integer)
                #expect(waited == 100 - Int64(decidedInMemory))
                await gate.onLoop { server in
                    var configuration = server.rules.configuration
                    configuration.slowLogThreshold = nil
                    server.receive(.reload(configuration, server.rules.catalogue))
                }
                _ = try client.call("LEVEL", "acme", "seats", "3")
                #expect(try client.call("SLOWLOG", "LEN") == .integer(waited))
            }
        }

        @Test func `of many slow calls the newest are kept, and of one turn the first`() async throws {
            try await GateRig.run(deadline: 100_000, configure: { $0.slowLogThreshold = 50_000 }) { gate in
                let client = try gate.connect()
                #expect(try client.call("LEVEL", "acme", "seats", "1").elements?[0].integer == 1)
                gate.redis.freeze()
                defer { gate.redis.thaw() }
                let replies = try client.pipeline((0..<300).map { ["LEVEL", "acme", "seats", String($0 % 5)] })
                #expect(replies.allSatisfy { $0.errorText?.hasPrefix("STORE") == true })
                let count = try #require(try client.call("SLOWLOG", "LEN").integer)
                #expect((1...128).contains(count))
                let newest = try #require(try client.call("SLOWLOG", "GET").elements)
                #expect(newest.count == 10 && newest[0].elements?[2].integer ?? 0 >= 50_000)
            }
        }

        @Test func `words are cut as Redis cuts them`() {
            let long = String(repeating: "x", count: 200)
            let words = SlowLog.bounded(["TAKE", long] + (0..<40).map { "\($0)" })
            #expect(words.count == 32 && words[31] == "... (11 more arguments)")
            #expect(words[1] == String(repeating: "x", count: 128) + "... (72 more bytes)")
            #expect(SlowLog.bounded(["PING"]) == ["PING"])
            #expect(SlowLog.bounded((0..<32).map { "\($0)" }).last == "31")
        }

        private static let refusals = [
            ("SLOWLOG", "ERR wrong number of arguments for 'slowlog' command"),
            ("SLOWLOG NOPE", "ERR unknown subcommand 'NOPE'. Try SLOWLOG HELP."),
            ("SLOWLOG GET x", "ERR count should be greater than or equal to -1"),
            ("SLOWLOG GET -2", "ERR count should be greater than or equal to -1"),
            ("SLOWLOG GET 1 2", "ERR wrong number of arguments for 'slowlog|get' command"),
            ("CLIENT INFO x", "ERR wrong number of arguments for 'client|info' command"),
            ("CLIENT", "ERR wrong number of arguments for 'client' command"),
            ("CLIENT NOPE", "ERR unknown subcommand 'NOPE'. Try CLIENT HELP."),
            ("CLIENT KILL", "ERR wrong number of arguments for 'client|kill' command"),
            ("CLIENT KILL /run/x.sock:0", ArgumentError.noAddress.text),
            ("CLIENT KILL ADDR 1.2.3.4:5", ArgumentError.noAddress.text),
            ("CLIENT SETINFO LIB-COLOR red", "ERR Unrecognized option 'LIB-COLOR'"),
            ("CLIENT SETINFO lib-name \"a b\"", "ERR lib-name cannot contain spaces, newlines or special characters."),
            ("CLIENT SETNAME \"a\\nid=1\"", "ERR Client names cannot contain spaces, newlines or special characters."),
            ("HELLO 3 SETNAME \"a b\"", "ERR Client names cannot contain spaces, newlines or special characters."),
            ("HELLO 3 SETNAME", "ERR Syntax error in HELLO option 'SETNAME'"),
            ("CLIENT NO-EVICT maybe", "ERR syntax error"),
            ("COMMAND NOPE", "ERR unknown subcommand 'NOPE'. Try COMMAND HELP."),
            ("COMMAND COUNT x", "ERR wrong number of arguments for 'command|count' command"),
            ("COMMAND LIST FILTERBY", "ERR syntax error"),
            ("COMMAND LIST FILTERBY PATTERN x y", "ERR wrong number of arguments for 'command|list' command"),
            ("COMMAND LIST FILTERBY COLOR red", "ERR syntax error"),
            ("COMMAND LIST SORTBY PATTERN x", "ERR syntax error"),
            ("COMMAND GETKEYS TAKE acme messages", "ERR The command has no key arguments"),
            ("COMMAND GETKEYS NOPE", "ERR Invalid command specified"),
            ("HELP nope", "ERR no command 'nope': HELP alone lists all"),
            ("HELP client nope", "ERR no command 'client nope': HELP alone lists all"),
            ("HELP a b c", "ERR wrong number of arguments for 'help' command"),
            ("CONFIG GET", "ERR wrong number of arguments for 'config|get' command"),
            ("CONFIG", "ERR wrong number of arguments for 'config' command"),
            ("CONFIG SET a b", "ERR only CONFIG GET is known here: settings live in tollgate.yaml"),
            ("SELECT", "ERR wrong number of arguments for 'select' command"),
            ("QUIT now", "ERR wrong number of arguments for 'quit' command"),
        ]

        @Test func `what cannot be is refused by name`() async throws {
            try await GateRig.run { gate in
                let client = try gate.connect()
                for (line, text) in Self.refusals {
                    try client.send(raw: line + "\r\n")
                    #expect(try client.read().errorText == text, "\(line)")
                }
                #expect(try client.call("PING") == .simple("PONG"))
            }
        }
    }
}

extension ClientFilter {
    fileprivate static var everybody: ClientFilter {
        var filter = ClientFilter()
        filter.skipsCaller = false
        return filter
    }
}
