import Glibc
import RedisLink
import Testing

@testable import Control

@Suite struct LimitTests {
    private static let user = JSONValue.string("uid:\(getuid())")

    @Test func `an own limit is shown with who set it, why and until when, and goes again`() async throws {
        let rig = try await Rig()
        try await rig.put("acme")
        try await rig.serve { api in
            let path = "/v1/tenants/acme/limits"
            let set = try await api.call(
                "POST", path, #"{"meter":"messages","value":5000,"until":"2099-01-01","reason":"a launch"}"#)
            #expect(set.status == 200, "\(set.text)")
            #expect(set["limits"] == .object(["messages": .integer(5000)]))
            #expect(set["meters", "0", "limit"] == .integer(5000))
            #expect(set["overrides", "0", "until"] == .string("2099-01-01T00:00:00Z"))
            #expect(set["overrides", "0", "by"] == Self.user && set["overrides", "0", "expired"] == .bool(false))
            #expect(set["overrides", "0", "reason"] == .string("a launch"))
            // The same value put again stays what it was, with its end; another one has none.
            let same = try await api.put("/v1/tenants/acme", #"{"limits":{"messages":5000}}"#)
            #expect(same["version"] == set["version"])
            let other = try await api.put("/v1/tenants/acme", #"{"limits":{"messages":6000},"reason":"more"}"#)
            #expect(other["overrides", "0", "until"] == .null && other["overrides", "0", "reason"] == .string("more"))
            let cleared = try await api.call("POST", path, #"{"meter":"messages","value":null,"reason":"over"}"#)
            #expect(cleared["limits"] == .object([:]) && cleared["overrides"] == .array([]))
            #expect(try await rig.store.tenant("acme")?.fields.keys.contains { $0.hasPrefix("limit") } == false)
            let audit = try await api.get("/v1/tenants/acme/audit?action=tenant.limit")
            #expect(audit["entries", "0", "after", "limit.messages"] == .string("5000"))
            #expect(audit["entries", "0", "after", "limit_by.messages"] == nil)
            #expect(audit["entries", "0", "reason"] == .string("a launch"))
            #expect(audit["entries", "1", "reason"] == .string("over") && audit["entries", "1", "after"] == .null)
        }
    }

    @Test func `what has run out counts no more, and is shown as over`() async throws {
        let rig = try await Rig()
        try await rig.put("acme")
        let record = try #require(try await rig.store.tenant("acme"))
        let over = [
            "limit.messages": "5000", "limit_until.messages": "1000", "restricted": "fraud", "restricted_until": "1000",
        ]
        _ = try await rig.store.putTenant(
            "acme", fields: record.fields.merging(over) { $1 }, replacing: record.version, noting: .test)
        try await rig.serve { api in
            let shown = try await api.get("/v1/tenants/acme")
            #expect(shown["entitlement", "access"] == .string("ok"))
            #expect(shown["meters", "0", "limit"] == .integer(1000))
            #expect(shown["overrides", "0", "expired"] == .bool(true))
            #expect(shown["restriction", "expired"] == .bool(true))
            let kept = try await api.put("/v1/tenants/acme", #"{"customer":"cus_2"}"#)
            #expect(kept["overrides", "0", "expired"] == .bool(true))
            #expect(kept["restriction", "expired"] == .bool(true))
        }
    }

    @Test func `what has run out and is said again counts again, without an end`() async throws {
        let rig = try await Rig()
        try await rig.put("acme")
        let record = try #require(try await rig.store.tenant("acme"))
        let over = [
            "limit.messages": "5000", "limit_until.messages": "1000", "limit.tokens": "7", "limit_until.tokens": "1000",
            "restricted": "fraud", "restricted_until": "1000",
        ]
        _ = try await rig.store.putTenant(
            "acme", fields: record.fields.merging(over) { $1 }, replacing: record.version, noting: .test)
        try await rig.serve { api in
            let again = try await api.put(
                "/v1/tenants/acme", #"{"restricted":"fraud","limits":{"messages":5000,"tokens":null}}"#)
            #expect(again["entitlement", "access"] == .string("restricted"))
            #expect(again["restriction", "until"] == .null && again["restriction", "by"] == Self.user)
            #expect(again["meters", "0", "limit"] == .integer(5000))
            #expect(again["overrides", "0", "until"] == .null && again["overrides", "1"] == nil)
            // By Redis's clock, as everything that may end.
            let now = try await rig.store.time() / 1_000_000
            guard case .string(let text) = again["restriction", "set_at"], let setAt = InstantText.seconds(text) else {
                Issue.record("no time in \(again.text)")
                return
            }
            #expect(abs(now - setAt) < 3600)
        }
    }

    @Test func `a tenant is blocked until it is unblocked`() async throws {
        let rig = try await Rig()
        try await rig.put("acme")
        try await rig.serve { api in
            let blocked = try await api.call(
                "POST", "/v1/tenants/acme/block", #"{"reason":"stolen key","until":"2099-01-01"}"#)
            #expect(blocked["entitlement", "access"] == .string("restricted"))
            #expect(blocked["restriction", "by"] == Self.user)
            #expect(blocked["restriction", "until"] == .string("2099-01-01T00:00:00Z"))
            #expect(blocked["restricted"] == .string("stolen key"))
            let free = try await api.post("/v1/tenants/acme/unblock")
            #expect(free["entitlement", "access"] == .string("ok") && free["restriction"] == .null)
            let audit = try await api.get("/v1/tenants/acme/audit")
            #expect(audit["entries", "1", "action"] == .string("tenant.block"))
            #expect(audit["entries", "2", "action"] == .string("tenant.unblock"))
            #expect(audit["entries", "2", "before", "restricted"] == .string("stolen key"))
        }
    }

    @Test(arguments: [
        ("limits", #"{"meter":"mesages","value":1,"reason":"x"}"#, "unknown meter \"mesages\""),
        ("limits", #"{"value":1,"reason":"x"}"#, "meter: must be"),
        ("limits", #"{"meter":"messages","reason":"x"}"#, "value: must be a whole number"),
        ("limits", #"{"meter":"messages","value":-2,"reason":"x"}"#, "value: a limit is 0 to"),
        ("limits", #"{"meter":"messages","value":1000000000000000,"reason":"x"}"#, "value: a limit is 0 to"),
        ("limits", #"{"meter":"requests","value":60000001,"reason":"x"}"#, "finer than one call a microsecond"),
        (
            "limits", #"{"meter":"messages","value":1,"until":"2020-01-01","reason":"x"}"#,
            "until: \"2020-01-01\" is over"
        ),
        ("limits", #"{"meter":"messages","value":1,"until":"soon","reason":"x"}"#, "until: \"soon\" is neither"),
        ("limits", #"{"meter":"messages","value":null,"until":"2099-01-01","reason":"x"}"#, "until: says nothing"),
        ("limits", #"{"meter":"messages","value":1}"#, "reason: is required"),
        ("limits", #"{"meter":"messages","value":1,"reason":""}"#, "reason: must be 1 to 500"),
        ("limits", #"{"meter":"messages","value":1,"reason":"a\nb"}"#, "without control characters"),
        ("limits", #"{"meter":"messages","value":1,"reason":7}"#, "reason: must be a text"),
        ("limits", #"{"meter":"messages","value":1,"reason":"x","why":"y"}"#, "unknown field \"why\""),
        ("block", #"{"reason":"x","until":"2020-01-01"}"#, "until: \"2020-01-01\" is over"),
        ("block", "{}", "reason: is required"),
        ("grants", #"{"meter":"nothing","units":1,"expires":"2099-01-01","reason":"x"}"#, "unknown meter"),
        ("grants", #"{"meter":"seats","units":1,"expires":"2099-01-01","reason":"x"}"#, "seats is no counter"),
        ("grants", #"{"meter":"requests","units":1,"expires":"2099-01-01","reason":"x"}"#, "requests is no counter"),
        ("grants", #"{"meter":"messages","units":0,"expires":"2099-01-01","reason":"x"}"#, "units: must be"),
        ("grants", #"{"meter":"messages","units":-5,"expires":"2099-01-01","reason":"x"}"#, "units: must be"),
        ("grants", #"{"meter":"messages","units":1.5,"expires":"2099-01-01","reason":"x"}"#, "units: must be"),
        (
            "grants", #"{"meter":"messages","units":5,"expires":"2020-01-01","reason":"x"}"#,
            "expires: \"2020-01-01\" is over"
        ),
        ("grants", #"{"meter":"messages","units":5,"reason":"x"}"#, "expires: is required"),
        (
            "grants", #"{"meter":"messages","units":999999999999999,"expires":"2099-01-01","reason":"x"}"#,
            "units: with them"
        ),
        ("grants/g1/revoke", "{}", "reason: is required"),
    ])
    func `what cannot be is refused by name, and nothing is written`(
        action: String, body: String, detail: String
    ) async throws {
        let rig = try await Rig()
        try await rig.put("acme")
        let before = try await rig.store.tenant("acme")
        try await rig.serve { api in
            let answer = try await api.call("POST", "/v1/tenants/acme/\(action)", body)
            #expect(answer.status == 400)
            guard case .string(let text) = answer["detail"] else {
                Issue.record("no detail in \(answer.text)")
                return
            }
            #expect(text.contains(detail), "\(text)")
        }
        #expect(try await rig.store.tenant("acme") == before)
    }

    @Test func `a tenant without a record has nothing to change`() async throws {
        let rig = try await Rig()
        try await rig.serve { api in
            let bodies = [
                "limits": #"{"meter":"messages","value":1,"reason":"x"}"#,
                "grants": #"{"meter":"messages","units":1,"expires":"2099-01-01","reason":"x"}"#,
                "grants/g1/revoke": #"{"reason":"x"}"#, "block": #"{"reason":"x"}"#, "unblock": "{}",
            ]
            for (action, body) in bodies {
                let answer = try await api.call("POST", "/v1/tenants/nobody/\(action)", body)
                #expect(answer.status == 404 && answer["code"] == .string("unknown_tenant"), "\(action)")
            }
        }
    }
}
