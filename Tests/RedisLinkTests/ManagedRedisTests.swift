import Foundation
import RedisLink
import TestSupport
import Testing

extension RedisSuite {
    @Suite struct ManagedRedisTests {
        @Test func `it is started, found again, and stopped with all it holds`() async throws {
            let directory = try TemporaryDirectory()
            let child = try ChildProcess("/bin/sleep", ["100"])
            let managed = ManagedRedis(stateDirectory: directory.path)
            #expect(!managed.isListening)
            #expect(try managed.start())
            #expect(managed.isListening)
            let client = try RedisClient(endpoint: managed.endpoint, name: "test")
            _ = try await client.command(["SET", "a", "1"])
            #expect(try ManagedRedis(stateDirectory: directory.path).start() == false)
            let store = RedisStore(client: client, keys: KeySpace(prefix: "tg:", partitions: 1))
            #expect(try await store.prepare(hasLedger: false).isEmpty)
            child.kill()
            #expect(await managed.stop(through: client))
            client.close()
            #expect(!managed.isListening)
            // It waits for its own process alone.
            #expect(child.exitStatus == .signaled(9))

            #expect(try managed.start())
            let again = try RedisClient(endpoint: managed.endpoint, name: "test")
            #expect(try await again.command(["GET", "a"]) == .string("1"))
            #expect(await managed.stop(through: again))
            again.close()
        }

        @Test func `a directory that cannot be made is named`() throws {
            let directory = try TemporaryDirectory()
            let managed = ManagedRedis(stateDirectory: directory.file("missing"))
            do {
                _ = try managed.start()
                Issue.record("it started without a directory")
            } catch {
                #expect(
                    error.description == "cannot create \(directory.file("missing"))/redis: No such file or directory")
            }
        }
    }
}
