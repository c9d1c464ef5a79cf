import Metering
import RedisLink
import TestSupport
import Testing

@testable import Control

@Suite struct GrantSettlerTests {
    /// Units of `tokens` (50 a day, then billed), with a rig whose partitions have learnt.
    private struct Bench {
        let rig: Rig
        let day: Int64

        init() async throws {
            rig = try await Rig()
            _ = try await rig.store.prepare(hasLedger: false)
            try await rig.put("acme")
            day = try await rig.store.time() / 1_000_000 / 86_400 * 86_400
        }

        func use(_ units: Int64, day: Int64? = nil) async throws {
            let key = rig.store.keys.usage("acme", "tokens", period: day ?? self.day)
            _ = try await rig.store.client.command(["HSET", key, "used", String(units)])
        }

        func settle(delay: Duration = .zero) async throws {
            let failures = try await GrantSettler(context: rig.context, delay: delay).round()
            #expect(failures == [:])
        }

        func grants() async throws -> [Grant] {
            let stored = try #require(try await rig.store.tenant("acme"))
            return try Tenant(id: "acme", version: 0, fields: stored.fields).grants
        }

        /// Gives a grant by hand, so that it can be one of another time.
        func give(_ units: Int64, expires: Int64, in day: Int64, base: Int64 = 0, id: String = "g1") async throws {
            let stored = try #require(try await rig.store.tenant("acme"))
            var tenant = try Tenant(id: "acme", version: 0, fields: stored.fields)
            tenant.grants.append(
                Grant(
                    id: id, meter: "tokens", units: units, givenAt: day, expires: expires, by: "uid:0", reason: "x",
                    period: Period(start: day, end: day + 86_400, exactStart: day), base: base))
            _ = try await rig.store.putTenant("acme", fields: tenant.fields, replacing: stored.version, noting: .test)
        }
    }

    private static let give = #"{"meter":"tokens","units":30,"expires":"2099-01-01","reason":"sorry"}"#

    @Test func `a grant lifts the limit at once, and shows what is left of it`() async throws {
        let bench = try await Bench()
        try await bench.use(20)
        try await bench.rig.serve { api in
            let given = try await api.call("POST", "/v1/tenants/acme/grants", Self.give)
            #expect(given.status == 201, "\(given.text)")
            #expect(given["meters", "1", "limit"] == .integer(80) && given["meters", "1", "granted"] == .integer(30))
            #expect(given["grants", "0", "left"] == .integer(30) && given["note"] == .null)
            #expect(given["granted"] == given["grants", "0", "id"])
            try await bench.use(32)
            let shown = try await api.get("/v1/tenants/acme")
            #expect(shown["grants", "0", "left"] == .integer(18))
            #expect(shown["grants", "0", "reason"] == .string("sorry"))
            let audit = try await api.get("/v1/tenants/acme/audit?action=tenant.grant")
            guard case .string(let id) = given["granted"] else { return }
            #expect(audit["entries", "0", "after", "grant.\(id)", "units"] == .integer(30))
        }
    }

    @Test func `a grant that its caller names is given once, however often it is asked for`() async throws {
        let bench = try await Bench()
        try await bench.rig.serve { api in
            func give(units: Int = 30, id: String = #""id":"sorry1""#) async throws -> API.Answer {
                try await api.call(
                    "POST", "/v1/tenants/acme/grants",
                    #"{"meter":"tokens","units":\#(units),"expires":"2099-01-01","reason":"sorry",\#(id)}"#)
            }
            let first = try await give()
            #expect(first.status == 201 && first["granted"] == .string("sorry1"))
            let again = try await give()
            #expect(again.status == 200 && again["granted"] == .string("sorry1"))
            #expect(again["version"] == first["version"] && again["meters", "1", "limit"] == .integer(80))
            let other = try await give(units: 31)
            #expect(other.status == 409 && other["code"] == .string("other_grant"))
            for id in [#""id":"Sorry""#, #""id":"""#, #""id":7"#] {
                let refused = try await give(id: id)
                #expect(refused.status == 400 && refused["code"] == .string("bad_field"))
            }
            #expect(try await bench.grants().count == 1)
        }
    }

    @Test func `a grant that may have been given is not said to be tried again by itself`() async throws {
        let bench = try await Bench()
        let (rig, client) = (bench.rig, try bench.rig.redis.connect())
        let api = ControlAPI(context: rig.context, configuration: rig.configuration, flusher: rig.flusher())
        var request = ControlRequest(
            method: "POST", path: "", query: [:], body: Array(Self.give.utf8), actor: "uid:1")
        request.parameters["id"] = "acme"
        _ = try client.call("CLIENT", "PAUSE", "100000", "WRITE")
        let problem = await #expect(throws: Problem.self) { try await api.grantTenant(request) }
        #expect(problem?.status == 503 && problem?.headers.isEmpty == true)
        #expect(problem?.detail.contains("look before trying again") == true)
    }

    @Test func `a grant that was taken back keeps what was drawn from it`() async throws {
        let bench = try await Bench()
        try await bench.rig.serve { api in
            let given = try await api.call("POST", "/v1/tenants/acme/grants", Self.give)
            guard case .string(let id) = given["granted"] else { return }
            try await bench.use(12)
            let path = "/v1/tenants/acme/grants/\(id)/revoke"
            let revoked = try await api.call("POST", path, #"{"reason":"given twice"}"#)
            #expect(revoked["grants", "0", "state"] == .string("revoked"))
            #expect(revoked["meters", "1", "limit"] == .integer(50))
            let again = try await api.call("POST", path, #"{"reason":"given twice"}"#)
            #expect(again.status == 409 && again["code"] == .string("grant_ended"))
            let unknown = try await api.call("POST", "/v1/tenants/acme/grants/g9/revoke", #"{"reason":"x"}"#)
            #expect(unknown.status == 404 && unknown["code"] == .string("unknown_grant"))
            try await bench.settle()
            let settled = try await api.get("/v1/tenants/acme")
            #expect(settled["meters", "1", "limit"] == .integer(62))
            let audit = try await api.get("/v1/tenants/acme/audit?action=grant.settle")
            #expect(audit["entries", "0", "actor"] == .string("timer:grants"))
            #expect(audit["entries", "0", "after", "grant.\(id)", "drawn"] == .integer(12))
        }
    }

    @Test func `what is left goes over into a new period`() async throws {
        let bench = try await Bench()
        let yesterday = bench.day - 86_400
        try await bench.use(45, day: yesterday)
        try await bench.give(30, expires: bench.day + 86_400 * 9, in: yesterday, base: 25)
        try await bench.rig.serve { api in
            // By whoever comes first, the service or this.
            try await bench.settle()
            let shown = try await api.get("/v1/tenants/acme")
            #expect(shown["meters", "1", "limit"] == .integer(60))
            #expect(shown["grants", "0", "left"] == .integer(10))
        }
        #expect(try await bench.grants().map(\.periodStart) == [bench.day])
    }

    @Test func `nothing is settled before all usage is known, nor while Redis learns`() async throws {
        let bench = try await Bench()
        let now = try await bench.rig.store.time() / 1_000_000
        try await bench.give(30, expires: now - 100, in: bench.day)
        let before = try await bench.grants()
        try await bench.settle(delay: .seconds(3600))
        #expect(try await bench.grants() == before)
        let keys = bench.rig.store.keys
        let life = keys.life(keys.partition(of: "acme"))
        _ = try await bench.rig.store.client.command(["HSET", life, "until", "1"])
        try await bench.settle()
        #expect(try await bench.grants() == before)
        _ = try await bench.rig.store.client.command(["HSET", life, "until", "0"])
        try await bench.settle()
        #expect(try await bench.grants().isEmpty)
        let index = try await bench.rig.store.tenantsWithGrants(dueBy: nil, limit: 10)
        #expect(index.isEmpty)
    }

    @Test func `a tenant whose key is spoiled is named, and nobody waits for it`() async throws {
        let bench = try await Bench()
        let rig = bench.rig
        let (partition, yesterday) = (rig.store.keys.partition(of: "acme"), bench.day - 86_400)
        try await bench.give(30, expires: bench.day + 86_400 * 9, in: yesterday)
        let record = try #require(try await rig.store.tenant("acme"))
        // More than one round looks at, of the same partition, and all due before.
        let spoiled = (0...).lazy.map { "a\($0)" }.filter { rig.store.keys.partition(of: $0) == partition }.prefix(101)
        for tenant in spoiled {
            let fields = record.fields.merging(["grants_due": "1"]) { $1 }
            _ = try await rig.store.putTenant(tenant, fields: fields, replacing: nil, noting: .test)
            let usage = rig.store.keys.usage(tenant, "tokens", period: yesterday)
            _ = try await rig.store.client.command(["SET", usage, "no hash"])
        }
        let settler = GrantSettler(context: rig.context, delay: .zero)
        let first = try #require(try await settler.round())
        #expect(first.count == 100 && first.values.allSatisfy { $0.contains("WRONGTYPE") })
        let second = try #require(try await settler.round(failed: first.count))
        #expect(Set(second.keys) == Set(spoiled))
        #expect(try await bench.grants().map(\.periodStart) == [bench.day])
    }

    @Test func `several that settle at once settle once`() async throws {
        let bench = try await Bench()
        let yesterday = bench.day - 86_400
        try await bench.use(20, day: yesterday)
        try await bench.give(30, expires: bench.day + 86_400 * 9, in: yesterday)
        let settler = GrantSettler(context: bench.rig.context, delay: .zero)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 { group.addTask { try await settler.round() } }
            try await group.waitForAll()
        }
        #expect(try await bench.grants().map(\.remaining) == [10])
    }

    @Test func `grants and limits that are given at once are all kept`() async throws {
        let bench = try await Bench()
        try await bench.rig.serve { api in
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<3 {
                    group.addTask { try await api.call("POST", "/v1/tenants/acme/grants", Self.give).status }
                }
                group.addTask {
                    try await api.call(
                        "POST", "/v1/tenants/acme/limits", #"{"meter":"tokens","value":7,"reason":"x"}"#
                    ).status
                }
                for try await status in group { #expect(status == 200 || status == 201) }
            }
            let shown = try await api.get("/v1/tenants/acme")
            #expect(shown["meters", "1", "limit"] == .integer(97))
        }
    }

    @Test func `a tenant has at most a hundred grants`() async throws {
        let bench = try await Bench()
        let stored = try #require(try await bench.rig.store.tenant("acme"))
        var tenant = try Tenant(id: "acme", version: 0, fields: stored.fields)
        for number in 0..<100 {
            tenant.grants.append(
                Grant(
                    id: "g\(number)", meter: "tokens", units: 1, givenAt: bench.day, expires: bench.day + 86_400 * 9,
                    by: "uid:0", reason: "x",
                    period: Period(start: bench.day, end: bench.day + 86_400, exactStart: bench.day), base: 0))
        }
        _ = try await bench.rig.store.putTenant(
            "acme", fields: tenant.fields, replacing: stored.version, noting: .test)
        try await bench.rig.serve { api in
            let answer = try await api.call("POST", "/v1/tenants/acme/grants", Self.give)
            #expect(answer.status == 409 && answer["code"] == .string("too_many_grants"))
        }
    }

    @Test func `a grant of what is unlimited is taken and said to wait`() async throws {
        let bench = try await Bench()
        try await bench.rig.serve { api in
            _ = try await api.put("/v1/tenants/acme", #"{"limits":{"tokens":-1}}"#)
            let given = try await api.call("POST", "/v1/tenants/acme/grants", Self.give)
            #expect(given.status == 201 && given["meters", "1", "limit"] == .integer(-1))
            #expect(given["note"] == .string("tokens is unlimited for acme now: the grant counts once it is not"))
        }
    }
}
