import Glibc
import RedisLink
import Testing

@testable import Control

@Suite struct AuditTests {
    @Test func `a change is told with who made it, why, and what was before and after`() async throws {
        let rig = try await Rig()
        try await rig.serve { api in
            _ = try await api.put("/v1/tenants/acme", #"{"plan":"free"}"#)
            _ = try await api.put(
                "/v1/tenants/acme", #"{"plan":"starter","limits":{"messages":5},"reason":"a sale"}"#)
            _ = try await api.delete("/v1/tenants/acme?reason=gone%20away")
            let answer = try await api.get("/v1/audit")
            guard case .array(let entries) = answer["entries"] else {
                Issue.record("no entries in \(answer.text)")
                return
            }
            #expect(entries.count == 3 && answer["next"] == .null)
            let user = JSONValue.string("uid:\(getuid())")
            for number in ["0", "1", "2"] {
                #expect(answer["entries", number, "tenant"] == .string("acme"))
                #expect(answer["entries", number, "actor"] == user)
                #expect(answer["entries", number, "from"] == .string("h1"))
            }
            #expect(answer["entries", "0", "action"] == .string("tenant.put"))
            #expect(answer["entries", "0", "before"] == .null && answer["entries", "0", "reason"] == .null)
            #expect(answer["entries", "0", "after", "plan"] == .string("free"))
            #expect(answer["entries", "1", "before"] == .object(["plan": .string("free")]))
            #expect(
                answer["entries", "1", "after"]
                    == .object(["plan": .string("starter"), "limit.messages": .string("5")]))
            #expect(answer["entries", "1", "reason"] == .string("a sale"))
            #expect(answer["entries", "2", "action"] == .string("tenant.remove"))
            #expect(answer["entries", "2", "reason"] == .string("gone away"))
            #expect(answer["entries", "2", "before", "limit.messages"] == .string("5"))
            #expect(answer["entries", "2", "after"] == .null)
        }
    }

    @Test func `what a removed tenant was is told as its changes were`() async throws {
        let rig = try await Rig()
        try await rig.put("acme")
        try await rig.serve { api in
            _ = try await api.call(
                "POST", "/v1/tenants/acme/limits", #"{"meter":"messages","value":5,"reason":"x"}"#)
            let given = try await api.call(
                "POST", "/v1/tenants/acme/grants",
                #"{"meter":"tokens","units":30,"expires":"2099-01-01","reason":"sorry"}"#)
            guard case .string(let id) = given["granted"] else {
                Issue.record("no grant in \(given.text)")
                return
            }
            _ = try await api.delete("/v1/tenants/acme")
            let told = try await api.get("/v1/audit?action=tenant.grant")["entries", "0", "after", "grant.\(id)"]
            let removed = try await api.get("/v1/audit?action=tenant.remove")
            #expect(told != nil && removed["entries", "0", "before", "grant.\(id)"] == told)
            #expect(removed["entries", "0", "before", "limit.messages"] == .string("5"))
            #expect(removed["entries", "0", "before", "limit_by.messages"] == nil)
            #expect(removed["entries", "0", "before", "grants_due"] == nil)
        }
    }

    @Test func `a put that changes nothing writes nothing`() async throws {
        let rig = try await Rig()
        try await rig.serve { api in
            let first = try await api.put("/v1/tenants/acme", #"{"plan":"free"}"#)
            let second = try await api.put("/v1/tenants/acme", #"{"plan":"free","reason":"again"}"#)
            #expect(second.status == 200 && second["version"] == first["version"])
            #expect(try await Self.entries(api, "/v1/audit").count == 1)
        }
    }

    @Test func `a caller over TCP is told by its token`() async throws {
        let rig = try await Rig(token: "s3cret")
        try await rig.serve { api in
            let made = try await api.call(
                "PUT", "/v1/tenants/acme", #"{"plan":"free"}"#, headers: [("Authorization", "Bearer s3cret")],
                overTCP: true)
            #expect(made.status == 201)
            #expect(try await api.get("/v1/audit")["entries", "0", "actor"] == .string("token:control"))
        }
    }

    @Test func `entries of all partitions come by time, page by page, none twice and none left out`() async throws {
        let rig = try await Rig()
        let ids = (0..<60).map { "tenant-\($0)" }
        for id in ids { try await rig.put(id) }
        try await rig.serve { api in
            for limit in [1, 7, 59, 60, 1000] {
                var seen: [String] = []
                var path = "/v1/audit?limit=\(limit)"
                while true {
                    let page = try await api.get(path)
                    #expect(page.status == 200)
                    guard case .array(let entries) = page["entries"] else { break }
                    seen += entries.compactMap(Self.tenant)
                    guard case .string(let next) = page["next"] else { break }
                    path = "/v1/audit?limit=\(limit)&after=\(next)"
                }
                #expect(Set(seen) == Set(ids) && seen.count == ids.count)
                let times = try await Self.entries(api, "/v1/audit").compactMap(Self.time)
                #expect(times == times.sorted())
            }
        }
    }

    @Test func `filters show a tenant, a time and an action`() async throws {
        let rig = try await Rig()
        try await rig.put("acme")
        try await rig.put("globex")
        let keys = rig.store.keys
        let old = "1700000000000-0"
        _ = try await rig.store.client.command([
            "DEL", keys.audit(keys.partition(of: "acme")), keys.audit(keys.partition(of: "globex")),
        ])
        for (tenant, action, id) in [("acme", "usage.refund", old), ("acme", "tenant.put", "*"), ("globex", "x", "*")] {
            _ = try await rig.store.client.command(
                ["XADD", keys.audit(keys.partition(of: tenant)), id, "tenant", tenant, "action", action])
        }
        try await rig.serve { api in
            // 1,700,000,000 is 22:13:20 of that day: from it on, and before it.
            let counts = [
                "audit": 3, "audit?tenant=acme": 2, "tenants/acme/audit": 2, "tenants/globex/audit?action=tenant": 0,
                "audit?action=tenant": 1, "audit?since=2023-11-15": 2, "audit?until=2023-11-15": 1,
                "audit?since=2023-11-14T22:13:20Z": 3, "audit?until=2023-11-14T22:13:20Z": 0,
                "audit?until=1970-01-01": 0, "audit?since=1970-01-01": 3,
            ]
            for (query, count) in counts {
                let found = try await api.get("/v1/\(query)")
                guard case .array(let entries) = found["entries"] else {
                    Issue.record("\(query): \(found.text)")
                    continue
                }
                #expect(entries.count == count, "\(query)")
            }
        }
    }

    @Test func `whoever goes on behind the place that was reached sees what came later, once`() async throws {
        let rig = try await Rig()
        try await rig.put("acme")
        try await rig.serve { api in
            let first = try await api.get("/v1/audit")
            guard case .string(let place) = first["place"] else {
                Issue.record("no place in \(first.text)")
                return
            }
            #expect(try await Self.entries(api, "/v1/audit?after=\(place)").isEmpty)
            try await rig.put("globex")
            #expect(try await Self.entries(api, "/v1/audit?after=\(place)").compactMap(Self.tenant) == ["globex"])
        }
    }

    @Test(arguments: [
        ("after=x", "bad_cursor"), ("after=1-2", "bad_cursor"), ("since=x", "bad_time"),
        ("until=2026-02-31", "bad_time"),
        ("limit=0", "bad_limit"), ("tenant=a%20b", "bad_id"), ("colour=red", "unknown_parameter"),
    ])
    func `a question that cannot be is refused`(query: String, code: String) async throws {
        let rig = try await Rig()
        try await rig.serve { api in
            let answer = try await api.get("/v1/audit?\(query)")
            #expect(answer.status == 400 && answer["code"] == .string(code))
        }
    }

    @Test func `where it cannot be told who did it, nothing is done`() async throws {
        let rig = try await Rig()
        try await rig.put("acme")
        let stream = rig.store.keys.audit(rig.store.keys.partition(of: "acme"))
        _ = try await rig.store.client.command(["SET", stream, "no stream"])
        try await rig.serve { api in
            let put = try await api.put("/v1/tenants/acme", #"{"plan":"free"}"#)
            let removal = try await api.delete("/v1/tenants/acme")
            let shown = try await api.get("/v1/tenants/acme")
            #expect(put.status == 500 && removal.status == 500 && shown["plan"] == .string("starter"))
        }
    }

    private static func entries(_ api: API, _ path: String) async throws -> [JSONValue] {
        guard case .array(let entries) = try await api.get(path)["entries"] else { return [] }
        return entries
    }

    private static func tenant(_ entry: JSONValue) -> String? { text(entry, "tenant") }
    private static func time(_ entry: JSONValue) -> String? { text(entry, "time") }

    private static func text(_ entry: JSONValue, _ name: String) -> String? {
        guard case .object(let fields) = entry, case .string(let text) = fields[name] else { return nil }
        return text
    }
}
