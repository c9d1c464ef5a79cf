import TestSupport
import Testing

@testable import RedisLink

extension RedisSuite {
    @Suite struct RedisStoreTests {
        @Test func `a record is written only over the one its writer read`() async throws {
            let redis = try await RedisServer.start()
            let bench = try RedisStoreBench(redis)
            defer { bench.client.close() }
            let store = bench.store
            #expect(try await store.tenant("acme") == nil)
            let first = try #require(
                try await store.putTenant(
                    "acme", fields: ["plan": "starter", "customer": "cus_1"], replacing: nil, noting: .test))
            #expect(try await store.tenant("acme") == first)
            #expect(try await store.putTenant("acme", fields: ["plan": "b"], replacing: nil, noting: .test) == nil)
            #expect(try await store.putTenant("acme", fields: ["plan": "b"], replacing: "1", noting: .test) == nil)
            #expect(try await store.tenant("acme") == first)
            let second = try #require(
                try await store.putTenant("acme", fields: ["plan": "b"], replacing: first.version, noting: .test))
            #expect(second.version != first.version)
            #expect(try await store.tenant("acme")?.fields == ["plan": "b"])
            #expect(
                try await store.putTenant("acme", fields: ["plan": "c"], replacing: first.version, noting: .test) == nil
            )
        }

        @Test func `tenants are listed in the order of their bytes, over all partitions`() async throws {
            let redis = try await RedisServer.start()
            let bench = try RedisStoreBench(redis, partitions: 7)
            defer { bench.client.close() }
            let ids = (0..<25).map { "tenant-\($0)" } + ["Zeta", "a.b", "a:b", "a@b", "a_b", "_", "0", "zz"]
            for id in ids {
                #expect(
                    try await bench.store.putTenant(id, fields: ["plan": "p"], replacing: nil, noting: .test) != nil)
            }
            var listed: [String] = []
            while true {
                let page = try await bench.store.tenants(after: listed.last, limit: 4)
                #expect(page.count <= 4)
                if page.isEmpty { break }
                listed += page.map(\.id)
            }
            #expect(listed == ids.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
            let counts = try await bench.store.tenantCounts()
            #expect(counts.tenants == Int64(ids.count) && counts.strangers == 0)
        }

        @Test func `a tenant with owed hours is kept, unless forced`() async throws {
            let redis = try await RedisServer.start()
            let bench = try RedisStoreBench(redis)
            defer { bench.client.close() }
            let store = bench.store
            #expect(try await store.removeTenant("acme", levelMeters: [], force: false, noting: .test) == .unknown)
            _ = try await store.putTenant("acme", fields: ["plan": "p"], replacing: nil, noting: .test)
            try await owe(bench, tenant: "acme", hour: 100, total: 5)
            try await owe(bench, tenant: "acme2", hour: 100, total: 5)
            try await owe(bench, tenant: "x.acme", hour: 100, total: 5)
            _ = try await bench.client.command(["HSET", store.keys.level("acme", "seats"), "used", "3"])
            #expect(
                try await store.removeTenant("acme", levelMeters: ["seats"], force: false, noting: .test)
                    == .owed(hours: 1))
            #expect(try await store.tenant("acme") != nil)
            #expect(
                try await store.removeTenant("acme", levelMeters: ["seats"], force: true, noting: .test)
                    == .removed(droppedHours: 1))
            #expect(try await store.tenant("acme") == nil)
            #expect(try await store.tenants(after: nil, limit: 10).isEmpty)
            #expect(
                try await store.owedHours(partition: 0, after: nil, limit: 9).map(\.key.tenant) == ["acme2", "x.acme"])
            #expect(try await bench.client.command(["EXISTS", store.keys.level("acme", "seats")]) == .integer(0))
            // Hours of a tenant without a record are dropped too, and that is said.
            try await owe(bench, tenant: "acme", hour: 101, total: 5)
            #expect(
                try await store.removeTenant("acme", levelMeters: [], force: false, noting: .test) == .owed(hours: 1))
            #expect(
                try await store.removeTenant("acme", levelMeters: [], force: true, noting: .test)
                    == .removed(droppedHours: 1))
            #expect(try await store.removeTenant("acme", levelMeters: [], force: true, noting: .test) == .unknown)
        }

        @Test func `owed hours come oldest first, page by page`() async throws {
            let redis = try await RedisServer.start()
            let bench = try RedisStoreBench(redis)
            defer { bench.client.close() }
            for hour in [498_000, 9, 10, 100_000] as [Int64] {
                for tenant in ["b", "a"] { try await owe(bench, tenant: tenant, hour: hour, total: hour) }
            }
            #expect(try await bench.store.owedCounts() == [8])
            var found: [StoredHour] = []
            while true {
                let page = try await bench.store.owedHours(partition: 0, after: found.last?.key, limit: 3)
                if page.isEmpty { break }
                found += page
            }
            #expect(found.map(\.key.hour) == [9, 9, 10, 10, 100_000, 100_000, 498_000, 498_000])
            #expect(found.map(\.key.tenant) == ["a", "b", "a", "b", "a", "b", "a", "b"])
            #expect(found.allSatisfy { $0.total == $0.key.hour && $0.acknowledged == 0 && $0.sendingUntil == nil })
        }

        @Test func `a Redis that would lose counters is refused, and one laid out otherwise`() async throws {
            let redis = try await RedisServer.start(["maxmemory-policy allkeys-lru"])
            let bench = try RedisStoreBench(redis, partitions: 16)
            defer { bench.client.close() }
            let evicting = await #expect(throws: StoreError.self) { try await bench.store.prepare(hasLedger: false) }
            #expect(evicting?.code == .misconfigured)
            #expect(evicting?.message.contains("CONFIG SET maxmemory-policy noeviction") == true)
            #expect(try await bench.client.command(["DBSIZE"]) == .integer(0))
            _ = try await bench.client.command(["CONFIG", "SET", "maxmemory-policy", "noeviction"])
            let warnings = try await bench.store.prepare(hasLedger: false)
            #expect(warnings.count == 1 && warnings[0].contains("appendonly no"))
            #expect(try await bench.store.prepare(hasLedger: false) == warnings)
            let other = RedisStore(client: bench.client, keys: KeySpace(prefix: "tg:", partitions: 17))
            let failure = await #expect(throws: StoreError.self) { try await other.prepare(hasLedger: false) }
            #expect(failure?.code == .misconfigured)
            #expect(failure?.message.contains("redis.partitions = 16") == true)
        }

        @Test func `a Redis never used before has nothing to learn, unless a ledger knows better`() async throws {
            for hasLedger in [false, true] {
                let redis = try await RedisServer.start()
                let bench = try RedisStoreBench(redis, partitions: 3)
                defer { bench.client.close() }
                let keys = bench.store.keys
                _ = try await bench.client.command(["HSET", keys.life(2), "run", "other", "until", "5"])
                _ = try await bench.store.prepare(hasLedger: hasLedger)
                let run = try #require(try await bench.store.info("server")["run_id"])
                let known: RedisValue = hasLedger ? .null : .string(run)
                let learned: RedisValue = hasLedger ? .null : .string("0")
                for partition in 0..<2 {
                    let life = try await bench.client.command(["HMGET", keys.life(partition), "run", "until"])
                    #expect(life == .array([known, learned]))
                }
                let begun = try await bench.client.command(["HGETALL", keys.life(2)])
                #expect(begun.elements.compactMap(\.text) == ["run", "other", "until", "5"])
                // Later it is as it is, and no life that was lost is made up.
                _ = try await bench.client.command(["DEL", keys.life(0)])
                _ = try await bench.store.prepare(hasLedger: false)
                #expect(try await bench.client.command(["EXISTS", keys.life(0)]) == .integer(0))
            }
        }

        @Test func `a Redis that hides its settings is used with a warning`() async throws {
            let redis = try await RedisServer.start(["user default on nopass ~* &* +@all -config"])
            let bench = try RedisStoreBench(redis)
            defer { bench.client.close() }
            let warnings = try await bench.store.prepare(hasLedger: false)
            #expect(warnings.count == 1 && warnings[0].contains("maxmemory-policy"))
        }
    }
}

/// Writes an hour as counting it would.
func owe(_ bench: RedisStoreBench, tenant: String, hour: Int64, total: Int64) async throws {
    let keys = bench.store.keys
    let field = "\(KeySpace.hourOfDay(hour)):h1!"
    let day = keys.day(tenant, "messages", day: hour / 24)
    let member = KeySpace.owedMember(hour: hour, meter: "messages", tenant: tenant)
    _ = try await bench.client.pipeline([
        ["HSET", day, field, String(total)], ["ZADD", keys.owed(keys.partition(of: tenant)), "0", member],
    ])
}
