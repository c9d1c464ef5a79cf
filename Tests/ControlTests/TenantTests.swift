import Metering
import RedisLink
import Testing

@testable import Control

@Suite struct TenantTests {
    @Test(arguments: [true, false])
    func `a customer that another tenant has is refused, unless usage goes to items`(isByCustomer: Bool) async throws {
        let meter = isByCustomer ? StripeMeter(eventName: "messages_used") : StripeMeter(price: "price_messages")
        try await Rig(catalogue: Rig.billing(["messages": meter])).serve { api in
            func put(_ id: String, _ customer: String) async throws -> API.Answer {
                try await api.put("/v1/tenants/\(id)", #"{"plan":"starter","customer":"\#(customer)"}"#)
            }
            #expect(try await put("acme", "cus_9").status == 201)
            let second = try await put("globex", "cus_9")
            #expect(second.status == (isByCustomer ? 409 : 201))
            #expect(!isByCustomer || second["code"] == .string("customer_taken"))
            #expect(try await put("acme", "cus_9").status == 200, "its own is no other's")
            #expect(try await put("acme", "cus_8").status == 200)
            #expect(try await put("globex", "cus_9").status == (isByCustomer ? 201 : 200), "it is free again")
        }
    }

    @Test func `a new tenant is made with its plan and shown with its limits and usage`() async throws {
        let rig = try await Rig()
        try await rig.serve { api in
            let made = try await api.put(
                "/v1/tenants/acme",
                #"{"plan":"starter","customer":"cus_9","status":"active","period_start":"2026-11-10","#
                    + #""period_end":"2026-12-10T10:17:00+01:00","limits":{"messages":5000}}"#)
            #expect(made.status == 201)
            #expect(made["customer"] == .string("cus_9"))
            #expect(made["period_start"] == .string("2026-11-10T00:00:00Z"))
            #expect(made["period_end"] == .string("2026-12-10T09:17:00Z"))
            #expect(made["entitlement", "access"] == .string("ok"))
            #expect(made["entitlement", "features"] == .array([.string("export")]))
            #expect(made["meters", "0", "meter"] == .string("messages"))
            #expect(made["meters", "0", "limit"] == .integer(5000))
            #expect(made["meters", "0", "used"] == .integer(0))
            #expect(try await api.get("/v1/tenants/acme").json == made.json)
        }
    }

    @Test func `usage is read where the gate counts it`() async throws {
        let rig = try await Rig()
        try await rig.put("acme")
        let keys = rig.store.keys
        let client = rig.store.client
        let now = try await rig.store.time()
        let day = now / 1_000_000 / 86_400 * 86_400
        _ = try await client.command(["HSET", keys.usage("acme", "tokens", period: day), "used", "70"])
        _ = try await client.command(["HSET", keys.level("acme", "seats"), "used", "3"])
        // Half of a rate of one cell a second is taken, give or take the time that passes.
        _ = try await client.command(["SET", keys.rate("acme", "requests"), String(now + 30_000_000)])
        try await rig.serve { api in
            let shown = try await api.get("/v1/tenants/acme")
            #expect(shown["meters", "1", "used"] == .integer(70))
            #expect(shown["meters", "1", "percent"] == .number(140) || shown["meters", "1", "percent"] == .integer(140))
            #expect(shown["meters", "1", "mode"] == .string("overage"))
            #expect(shown["meters", "3", "used"] == .integer(3))
            guard case .integer(let cells) = shown["meters", "2", "used"] else {
                Issue.record("no usage of a rate")
                return
            }
            #expect((20...30).contains(cells))
        }
    }

    @Test func `absent fields stay and null ones go`() async throws {
        let rig = try await Rig()
        try await rig.serve { api in
            _ = try await api.put(
                "/v1/tenants/acme",
                #"{"plan":"starter","customer":"cus_9","period_start":"2026-11-10","period_end":"2026-12-10","#
                    + #""limits":{"messages":5000,"tokens":9}}"#)
            let changed = try await api.put(
                "/v1/tenants/acme", #"{"restricted":"fraud","limits":{"tokens":null,"seats":-1}}"#)
            #expect(changed.status == 200)
            #expect(changed["customer"] == .string("cus_9"))
            #expect(changed["restricted"] == .string("fraud"))
            #expect(changed["entitlement", "access"] == .string("restricted"))
            #expect(changed["limits"] == .object(["messages": .integer(5000), "seats": .integer(-1)]))
            let bare = try await api.put(
                "/v1/tenants/acme",
                #"{"restricted":null,"customer":null,"period_start":null,"period_end":null,"plan":"free"}"#)
            #expect(bare["restricted"] == .null && bare["customer"] == .null)
            #expect(bare["period_start"] == .null && bare["plan"] == .string("free"))
            #expect(bare["created_at"] == changed["created_at"])
            #expect(bare["version"] != changed["version"])
        }
    }

    @Test func `fields of a newer release survive a change`() async throws {
        let rig = try await Rig()
        let fields = ["plan": "starter", "created_at": "1", "grant.messages": "7"]
        _ = try await rig.store.putTenant("acme", fields: fields, replacing: nil, noting: .test)
        try await rig.serve { api in
            let changed = try await api.put("/v1/tenants/acme", #"{"customer":"cus_1"}"#)
            #expect(changed.status == 200)
        }
        #expect(try await rig.store.tenant("acme")?.fields["grant.messages"] == "7")
    }

    @Test func `changes made at once are all kept`() async throws {
        let rig = try await Rig()
        try await rig.put("acme")
        let meters = ["messages", "tokens", "seats"]
        try await rig.serve { api in
            try await withThrowingTaskGroup(of: Int.self) { group in
                for meter in meters {
                    group.addTask {
                        try await api.put("/v1/tenants/acme", "{\"limits\":{\"\(meter)\":42}}").status
                    }
                }
                for try await status in group { #expect(status == 200) }
            }
            let limits = try await api.get("/v1/tenants/acme")["limits"]
            #expect(limits == .object(Dictionary(uniqueKeysWithValues: meters.map { ($0, .integer(42)) })))
        }
    }

    @Test(arguments: [
        (#"{"customer":"cus_1"}"#, "plan: is required"),
        (#"{"plan":"gold"}"#, "\"gold\" is not in the catalogue: starter, free"),
        (#"{"plan":7}"#, "plan: must be the name"),
        (#"{"plan":"free","colour":"red"}"#, "unknown field \"colour\""),
        (#"{"plan":"free","status":"fine"}"#, "\"fine\" is not a subscription status"),
        (#"{"plan":"free","limits":{"mesages":1}}"#, "unknown meter \"mesages\""),
        (#"{"plan":"free","limits":{"messages":-2}}"#, "limits.messages"),
        (#"{"plan":"free","limits":{"messages":1.5}}"#, "limits.messages: must be a whole number"),
        (#"{"plan":"free","limits":[]}"#, "limits: must be an object"),
        (#"{"plan":"free","period_start":"2026-02-31","period_end":"2026-03-31"}"#, "\"2026-02-31\" is neither"),
        (#"{"plan":"free","period_start":"2026-01-31"}"#, "period_end: is missing"),
        (#"{"plan":"free","period_start":"2026-01-31","period_end":"2026-01-31"}"#, "not after period_start"),
        (#"{"plan":"free","customer":""}"#, "customer: must be 1 to 500 bytes"),
        ("[1]", "must be a JSON object"),
        ("{", "not JSON"),
    ])
    func `a body that cannot be is refused with the field's name`(body: String, detail: String) async throws {
        let rig = try await Rig()
        try await rig.serve { api in
            let answer = try await api.put("/v1/tenants/acme", body)
            #expect(answer.status == 400)
            guard case .string(let text) = answer["detail"] else {
                Issue.record("no detail in \(answer.text)")
                return
            }
            #expect(text.contains(detail))
            #expect(try await api.get("/v1/tenants/acme").status == 404)
        }
    }

    @Test func `a list is paged by id and filtered`() async throws {
        let rig = try await Rig()
        for number in 0..<25 {
            try await rig.put("team-\(number)", plan: number % 2 == 0 ? "starter" : "free")
        }
        for id in ["team", "tea", "teams", "Team-1", "team-zz"] { try await rig.put(id) }
        try await rig.serve { api in
            var ids: [String] = []
            var after: String?
            repeat {
                let page = try await api.get("/v1/tenants?limit=7" + (after.map { "&after=\($0)" } ?? ""))
                ids += Self.ids(page)
                after = Self.next(page)
            } while after != nil
            #expect(ids.count == 30)
            #expect(ids == ids.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
            let free = try await api.get("/v1/tenants?plan=free&limit=1000")
            #expect(Self.ids(free).count == 12 && Self.next(free) == nil)
            let prefixed = try await api.get("/v1/tenants?prefix=team&limit=1000")
            #expect(Self.ids(prefixed).count == 28)
            #expect(Self.ids(prefixed).first == "team")
            #expect(Self.ids(try await api.get("/v1/tenants?prefix=team-2")).count == 6)
            let first = try await api.get("/v1/tenants?prefix=team-&limit=3")
            let second = try await api.get("/v1/tenants?prefix=team-&limit=3&after=\(Self.next(first) ?? "")")
            #expect(Set(Self.ids(first)).isDisjoint(with: Self.ids(second)))
            #expect(Self.ids(try await api.get("/v1/tenants?status=active")).isEmpty)
            #expect(Self.ids(try await api.get("/v1/tenants?status=none&limit=1000")).count == 30)
        }
    }

    @Test func `a tenant with owed hours is removed only by force`() async throws {
        let rig = try await Rig()
        // Without a customer, so that no round sends the hour meanwhile.
        try await rig.put("acme", customer: nil)
        try await rig.owe("acme", total: 5)
        try await rig.serve { api in
            let refused = try await api.delete("/v1/tenants/acme")
            #expect(refused.status == 409)
            #expect(refused["code"] == .string("owed_hours"))
            let removed = try await api.delete("/v1/tenants/acme?force=true")
            #expect(removed.status == 200)
            #expect(removed["dropped_hours"] == .integer(1))
            #expect(try await api.delete("/v1/tenants/acme").status == 404)
            #expect(try await api.get("/v1/tenants/acme").status == 404)
        }
        #expect(try await rig.owed("acme").isEmpty)
    }

    @Test func `a tenant is removed only by force while Redis may not know of all that it used`() async throws {
        let rig = try await Rig(settles: false)
        try await rig.put("acme", customer: nil)
        try await rig.serve { api in
            let refused = try await api.delete("/v1/tenants/acme")
            #expect(refused.status == 503)
            #expect(refused["code"] == .string("unsettled"))
            #expect(try await api.get("/v1/tenants/acme").status == 200)
            #expect(try await api.delete("/v1/tenants/acme?force=true").status == 200)
        }
    }

    private static func ids(_ page: API.Answer) -> [String] {
        guard case .array(let tenants) = page["tenants"] else { return [] }
        return tenants.compactMap {
            guard case .object(let fields) = $0, case .string(let id) = fields["id"] else { return nil }
            return id
        }
    }

    private static func next(_ page: API.Answer) -> String? {
        if case .string(let next) = page["next"] { next } else { nil }
    }
}
