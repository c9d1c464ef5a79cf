import Reactor
import TestSupport
import Testing

@testable import RedisLink

extension RedisSuite {
    @Suite struct RedisClientTests {
        @Test func `answers, errors and what passes by itself are told apart`() async throws {
            let redis = try await RedisServer.start()
            let bench = try RedisStoreBench(redis)
            defer { bench.client.close() }
            #expect(try await bench.client.command(["ECHO", "a"]) == .string("a"))
            #expect(try await bench.client.pipeline([]).isEmpty)
            let many = try await bench.client.pipeline((0..<500).map { ["ECHO", String($0)] })
            #expect(many == (0..<500).map { .string(String($0)) })
            let wrong = await #expect(throws: StoreError.self) { try await bench.client.command(["NONSENSE"]) }
            #expect(wrong?.code == .refused && wrong?.isRetryable == false)
            let readOnly = await #expect(throws: StoreError.self) {
                try await bench.client.pipeline([["REPLICAOF", "127.0.0.1", "1"], ["SET", "a", "1"]])
            }
            #expect(readOnly?.code == .unavailable && readOnly?.message.contains("READONLY") == true)
        }

        @Test func `a Redis that comes later is waited for`() async throws {
            let redis = try await RedisServer.start()
            redis.kill()
            let bench = try RedisStoreBench(redis)
            defer { bench.client.close() }
            async let answer = bench.client.command(["PING"])
            try await redis.restart()
            #expect(try await answer == .string("PONG"))
        }

        @Test func `an answered call is let go of at once`() async throws {
            let redis = try await RedisServer.start()
            let loop = try EventLoop()
            let endpoint = RedisEndpoint(location: .unix(path: redis.socketPath))
            let driver = ClientDriver(loop: loop, endpoint: endpoint, name: "test")
            driver.start()
            let begun = BootClock.now()
            let outcomes = await withCheckedContinuation { results in
                let commands = (0..<100).map { RedisClient.Command(arguments: ["ECHO", String($0)], script: nil) }
                driver.receive(.batch(commands, results))
                while driver.openCount > 0, (try? loop.turn(atMost: 10_000)) != nil {}
            }
            #expect(outcomes == (0..<100).map { .success(.string(String($0))) })
            // Until its deadline a call would hold its answer, which may be large.
            #expect(BootClock.now() - begun < RedisClient.deadline)
            driver.receive(.stop)
        }

        @Test func `calls of a closed client fail, and none waits for ever`() async throws {
            let redis = try await RedisServer.start()
            let bench = try RedisStoreBench(redis)
            _ = try await bench.client.command(["PING"])
            redis.freeze()
            async let waiting = outcome(of: bench.client)
            try await Task.sleep(for: .milliseconds(20))
            bench.client.close()
            #expect(await waiting?.code == .unavailable)
            #expect(await outcome(of: bench.client)?.message == "tollgate is stopping")
        }

        private func outcome(of client: RedisClient) async -> StoreError? {
            do {
                _ = try await client.command(["PING"])
                return nil
            } catch {
                return error
            }
        }
    }
}
