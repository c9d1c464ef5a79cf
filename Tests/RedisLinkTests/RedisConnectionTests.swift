import Reactor
import TestSupport
import Testing

@testable import RedisLink

extension RedisSuite {
    @Suite struct RedisConnectionTests {
        private func unix(_ redis: RedisServer) -> RedisEndpoint {
            RedisEndpoint(location: .unix(path: redis.socketPath))
        }

        @Test func `answers come in the order of the calls, over either kind of socket`() async throws {
            let redis = try await RedisServer.start(listensOnTCP: true)
            let port = UInt16(try #require(redis.port))
            for endpoint in [unix(redis), RedisEndpoint(location: .tcp(host: "127.0.0.1", port: port))] {
                let bench = try LoopBench(endpoint, name: "order")
                try bench.connect()
                #expect(bench.connection.clock.isSet)
                let calls = try bench.run((0..<3000).map { ["ECHO", String($0)] })
                #expect(calls.map(\.answer) == (0..<3000).map { .string(String($0)) })
                #expect(try bench.run("CLIENT", "GETNAME") == .string("order"))
                // More than a socket takes at once, each way.
                let long = String(repeating: "x", count: 3 << 20)
                #expect(try bench.run("ECHO", long) == .string(long))
                #expect(
                    try bench.run("EVAL", "return {1, {'a', false}}", "0")
                        == .array([.integer(1), .array([.string("a"), .null])]))
                bench.connection.close()
                #expect(bench.changes == ["ready"])
            }
        }

        @Test func `it logs in with user, password and database`() async throws {
            let redis = try await RedisServer.start(["user teller on >s3cret ~* &* +@all", "user default off"])
            let right = RedisEndpoint(
                location: .unix(path: redis.socketPath), user: "teller", password: "s3cret", database: 3)
            let bench = try LoopBench(right)
            try bench.connect()
            #expect(try bench.run("ACL", "WHOAMI") == .string("teller"))
            guard case .string(let info) = try bench.run("CLIENT", "INFO") else {
                Issue.record("no CLIENT INFO")
                return
            }
            #expect(info.contains(" db=3 "))

            let wrong = try LoopBench(
                RedisEndpoint(location: .unix(path: redis.socketPath), user: "teller", password: "guess"))
            try wrong.turn(until: "it is refused") { !wrong.changes.isEmpty }
            #expect(wrong.changes[0].hasPrefix("Redis refused the login: WRONGPASS"))
            #expect(!wrong.changes[0].contains("guess"))
            try wrong.turn(until: "it tries again") { wrong.changes.count > 2 }
        }

        @Test func `a password alone is the default user's`() async throws {
            let redis = try await RedisServer.start(["requirepass s3cret"])
            let bench = try LoopBench(RedisEndpoint(location: .unix(path: redis.socketPath), password: "s3cret"))
            try bench.connect()
            #expect(try bench.run("ACL", "WHOAMI") == .string("default"))
        }

        @Test func `a Redis that is restarted is found again, with its scripts loaded`() async throws {
            let redis = try await RedisServer.start()
            let bench = try LoopBench(unix(redis))
            try bench.connect()
            let firstRun = bench.connection.runID
            #expect(try bench.runID() == firstRun)
            redis.freeze()
            let lost = RecordedCall(["PING"])
            bench.connection.send(lost)
            try bench.loop.turn(atMost: 0)
            redis.kill()
            try bench.turn(until: "the loss is seen") { lost.isDone }
            #expect(lost.failure == .connectionLost("Redis closed the connection"))
            #expect(lost.mayHaveRun)
            let refused = RecordedCall(["PING"])
            bench.connection.send(refused)
            #expect(refused.failure == .notConnected)
            #expect(!refused.mayHaveRun)
            try bench.turn(until: "it has tried in vain") { bench.changes.count > 4 }
            try await redis.restart()
            try bench.connect()
            #expect(bench.connection.runID != firstRun)
            #expect(try bench.runID() == bench.connection.runID)
            #expect(try bench.run("PING") == .string("PONG"))
            let digests = Script.all.map { String(decoding: $0.digest, as: UTF8.self) }
            #expect(
                try bench.run([["SCRIPT", "EXISTS"] + digests])[0].answer == .array(digests.map { _ in .integer(1) }))
        }

        @Test func `scripts that somebody flushed are loaded again, and the calls keep their order`() async throws {
            let redis = try await RedisServer.start()
            let bench = try LoopBench(unix(redis))
            try bench.connect()
            let store = try RedisStoreBench(redis)
            defer { store.client.close() }
            _ = try await store.store.putTenant("acme", fields: ["plan": "starter"], replacing: nil, noting: .test)
            #expect(try bench.run("SCRIPT", "FLUSH") == .string("OK"))
            let digest = String(decoding: Script.tenantPut.digest, as: UTF8.self)
            let keys = [
                "tg:{p000}:t:acme", "tg:{p000}:tenants", "tg:{p000}:strangers", "tg:records", "tg:{p000}:audit",
                "tg:{p000}:grants",
            ]
            let note = AuditNote.test.arguments(AuditOrigin(holderID: "h"))
            let calls = try bench.run(
                (0..<50).map { number in
                    ["EVALSHA", digest, "6"] + keys + ["*", String(number), "acme"] + note + ["n", String(number)]
                })
            #expect(calls.map(\.answer) == (0..<50).map { _ in .integer(1) })
            #expect(try bench.run("HGET", keys[0], "n") == .string("49"))
            #expect(calls.allSatisfy { $0.tries == 2 })
            // A second flush is recovered from as well.
            #expect(try bench.run("SCRIPT", "FLUSH") == .string("OK"))
            #expect(
                try await store.store.putTenant("other", fields: ["plan": "starter"], replacing: nil, noting: .test)
                    != nil)
            // A script that nobody knows is not asked for twice.
            let unknown = try bench.run([["EVALSHA", String(repeating: "0", count: 40), "0"]])[0]
            guard case .error(let text) = unknown.answer else {
                Issue.record("\(String(describing: unknown.answer))")
                return
            }
            #expect(text.hasPrefix("NOSCRIPT") && unknown.tries == 2)
        }

        @Test func `only so many calls wait, and a frozen Redis is given up`() async throws {
            let redis = try await RedisServer.start()
            var bounds = RedisConnection.Bounds()
            bounds.waitingCalls = 3
            bounds.stall = 200_000
            let bench = try LoopBench(unix(redis), bounds: bounds)
            try bench.connect()
            redis.freeze()
            let calls = (0..<4).map { RecordedCall(["ECHO", String($0)]) }
            for call in calls { bench.connection.send(call) }
            #expect(bench.connection.waitingCount == 3)
            #expect(calls[3].failure == .tooManyWaiting && !calls[3].mayHaveRun)
            try bench.turn(until: "it is given up") { calls[0].isDone }
            guard case .connectionLost(let reason) = calls[0].failure else {
                Issue.record("\(String(describing: calls[0].failure))")
                return
            }
            #expect(reason.hasPrefix("no answer for"))
            #expect(calls[..<3].allSatisfy { $0.mayHaveRun })
            redis.thaw()
            try bench.connect()
            #expect(try bench.run("PING") == .string("PONG"))
        }

        @Test func `scripts that could not be loaded for want of room are loaded with the next call`() async throws {
            let redis = try await RedisServer.start()
            var bounds = RedisConnection.Bounds()
            bounds.waitingCalls = Script.all.count + 1
            let bench = try LoopBench(unix(redis), bounds: bounds)
            try bench.connect()
            #expect(try bench.run("SCRIPT", "FLUSH") == .string("OK"))
            let digest = String(decoding: Script.sendEnd.digest, as: UTF8.self)
            let command = ["EVALSHA", digest, "3", "tg:{p000}:owed", "tg:{p000}:life", "tg:{p000}:checks", "1"]
            // With two calls behind it there is no room for all scripts, nor for itself.
            let crowded = try bench.run([command, ["ECHO", "a"], ["ECHO", "b"]])
            #expect(crowded[0].failure == .tooManyWaiting && crowded[2].answer == .string("b"))
            #expect(try bench.run([command])[0].answer == .array([]))
        }

        @Test func `a login without an answer ends at its bound`() async throws {
            let redis = try await RedisServer.start()
            redis.freeze()
            defer { redis.thaw() }
            var bounds = RedisConnection.Bounds()
            bounds.greeting = 100_000
            let bench = try LoopBench(unix(redis), bounds: bounds)
            try bench.turn(until: "it is given up") { !bench.changes.isEmpty }
            #expect(!bench.connection.isReady)
        }

        @Test func `an endpoint without a Redis says what it tried`() throws {
            let directory = try TemporaryDirectory()
            let bench = try LoopBench(RedisEndpoint(location: .unix(path: directory.file("none.sock"))))
            try bench.turn(until: "it has tried") { bench.changes.count > 1 }
            #expect(bench.changes[0] == "connect \(directory.file("none.sock")): No such file or directory")
        }
    }
}
