import RESP
import TestSupport
import Testing

@testable import Gate

extension GateSuite {
    @Suite struct PipelineTests {
        @Test func `immediate replies keep their place among decisions of Redis`() async throws {
            try await GateRig.run { gate in
                var random = SeededRandom(for: "mixed pipeline")
                let client = try gate.connect()
                var commands: [[String]] = []
                for number in 0..<600 {
                    switch Int.random(in: 0..<5, using: &random) {
                    case 0: commands.append(["PING", "p\(number)"])
                    case 1: commands.append(["ECHO", "e\(number)"])
                    case 2: commands.append(["NONSENSE", "\(number)"])
                    case 3: commands.append(["CHECK", "acme", "messages"])
                    default: commands.append(["TAKE", "acme", "messages"])
                    }
                }
                var used: Int64 = 0
                for (command, reply) in zip(commands, try client.pipeline(commands)) {
                    switch command[0] {
                    case "PING", "ECHO": #expect(reply.text == command[1])
                    case "NONSENSE":
                        let text = "ERR unknown command 'NONSENSE', with args beginning with: '\(command[1])'"
                        #expect(reply.errorText == text)
                    case "CHECK": #expect(reply.elements?[3].integer == used + 1)
                    default:
                        used += 1
                        #expect(reply.elements?[3].integer == used)
                    }
                }
            }
        }

        @Test func `a pipeline longer than what may wait is decided to its end without a pause`() async throws {
            try await GateRig.run { gate in
                let client = try gate.connect()
                let replies = try client.pipeline((0..<5000).map { _ in ["TAKE", "acme", "messages"] })
                #expect(replies.map { $0.elements?[3].integer } == (1...5000).map { $0 })
                #expect(gate.metrics.value(.degraded) == 0)
            }
        }

        @Test func `a decision behind a long answer goes out in the turn it is reached`() async throws {
            // A call that waits for the next turn waits for its deadline, or for the sweep once a second.
            try await GateRig.run(deadline: 400_000, configure: { $0.maxOutputBytes = 8 << 10 }) { gate in
                let client = try gate.connect()
                _ = try client.call("CHECK", "acme", "messages")
                // The answer to the first stops the reading; the second was read with it.
                let long = String(repeating: "x", count: 9 << 10)
                for _ in 0..<8 {
                    let replies = try client.pipeline([["ECHO", long], ["TAKE", "acme", "messages"]])
                    #expect(replies[1].elements?[1].text == "ok")
                }
            }
        }

        @Test func `requests split at every byte get the same answers`() async throws {
            try await GateRig.run { gate in
                let bytes = Array(
                    "TAKE acme messages 2\r\n*4\r\n$4\r\nTAKE\r\n$4\r\nacme\r\n$8\r\nmessages\r\n$1\r\n3\r\nPING\r\n"
                        .utf8)
                let client = try gate.connect()
                var used: Int64 = 0
                for cut in 1..<bytes.count {
                    try client.send(raw: Array(bytes[..<cut]))
                    // The gate has read the first part once it has answered somebody who came later.
                    #expect(try gate.connect().call("PING") == .simple("PONG"))
                    try client.send(raw: Array(bytes[cut...]))
                    #expect(try client.read().elements?[3].integer == used + 2)
                    #expect(try client.read().elements?[3].integer == used + 5)
                    #expect(try client.read() == .simple("PONG"))
                    used += 5
                }
            }
        }

        @Test func `everything asked before a client finished writing is answered`() async throws {
            try await GateRig.run { gate in
                let client = try gate.connect()
                let one = try gate.connect().call("HELP")
                // More than may wait for a client: the gate stops in the middle of what it has read, and then meets
                // the end.
                try client.send(raw: String(repeating: "HELP\r\n", count: 9000))
                client.finishSending()
                for _ in 0..<9000 { #expect(try client.read() == one) }
                #expect(try client.readToEnd().isEmpty)
            }
        }

        @Test func `a decision is written in the version its request was made in`() async throws {
            try await GateRig.run { gate in
                let client = try gate.connect()
                let replies = try client.pipeline([
                    ["CHECK", "acme", "messages"], ["HELLO", "3"], ["CHECK", "acme", "messages"], ["RESET"],
                    ["CHECK", "acme", "messages"],
                ])
                guard case .array = replies[0], case .map = replies[1], case .map = replies[2], case .array = replies[4]
                else {
                    Issue.record("\(replies)")
                    return
                }
            }
        }

        @Test func `replies behind a decision count as waiting bytes`() async throws {
            try await GateRig.run(deadline: 1_000_000, configure: { $0.maxOutputBytes = 64 << 10 }) { gate in
                let client = try gate.connect()
                _ = try client.call("CHECK", "acme", "messages")
                gate.redis.freeze()
                defer { gate.redis.thaw() }
                try client.send(["CHECK", "acme", "messages"])
                try client.send(raw: String(repeating: "HELP\r\n", count: 9000))
                try await eventually("the gate reads on as far as it may") { gate.metrics.value(.requests) > 50 }
                _ = try gate.connect().call("PING")
                #expect(gate.metrics.value(.requests) < 500)
                gate.redis.thaw()
                #expect(try client.read().elements?.count == 7)
                for _ in 0..<9000 { #expect(try client.read().elements?.count == CommandTable.helpLines.count) }
            }
        }

        @Test func `a client that does not read stops being read, and disturbs nobody`() async throws {
            try await GateRig.run(configure: { $0.maxOutputBytes = 64 << 10 }) { gate in
                let long = String(repeating: "x", count: 4000)
                let path = gate.configuration.socketPath
                let silent = Task {
                    let client = try GateClient(path, timeout: .milliseconds(500))
                    #expect(throws: TestFailure.self, "the gate took in 4 MB that nobody read") {
                        try client.pipeline((0..<1000).map { _ in ["ECHO", long] })
                    }
                    // The gate goes on where it stopped.
                    for _ in 0..<10 { #expect(try client.read().text == long) }
                }
                try await eventually("the gate has begun") { gate.metrics.value(.requests) > 1 }
                let other = try gate.connect()
                for _ in 0..<200 { #expect(try other.call("TAKE", "acme", "messages").elements?[0].integer == 1) }
                try await silent.value
            }
        }
    }
}
