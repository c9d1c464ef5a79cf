import RedisLink
import Testing

@testable import Control

@Suite struct OutboxTests {
    @Test func `what is owed is shown oldest first, page by page, with where it stands`() async throws {
        let rig = try await Rig()
        // Keeps the round at the start from sending anything.
        rig.stripe.setMeterAnswer(ScriptedStripe.lost(sent: false))
        try await rig.put("acme")
        try await rig.put("poor", customer: nil)
        for age in 1...40 {
            try await rig.owe("acme", hour: Rig.hour - Int64(age), total: Int64(age))
            try await rig.owe("poor", hour: Rig.hour - Int64(age), total: 1)
        }
        let key = StoredHour.Key(tenant: "acme", meter: "messages", hour: Rig.hour - 40)
        try await rig.mark(key)
        try await rig.serve { api in
            var rows: [JSONValue] = []
            var after = ""
            while true {
                let page = try await api.get("/v1/billing/outbox?limit=7\(after)")
                #expect(page["count"] == .integer(80))
                guard case .array(let owed) = page["owed"] else { break }
                rows += owed
                guard case .string(let next) = page["next"] else { break }
                after = "&after=\(next)"
            }
            #expect(rows.count == 80)
            #expect(Self.text(rows[0], "tenant") == "acme" && Self.text(rows[0], "state") == "sending")
            #expect(Self.text(rows[1], "tenant") == "poor" && Self.text(rows[1], "state") == "no_customer")
            #expect(Self.text(rows[2], "state") == "owed")
            let hours = rows.map { Self.text($0, "hour") }
            #expect(hours == hours.sorted())
            #expect(hours[0] == "2027-01-13T16:00:00Z")
        }
    }

    @Test func `one tenant's hours can be asked for alone`() async throws {
        let rig = try await Rig()
        for number in 1...60 { try await rig.owe("t\(number)", total: 1) }
        for age in 1...5 { try await rig.owe("acme", hour: Rig.hour - Int64(age), total: 3) }
        try await rig.serve { api in
            let first = try await api.get("/v1/billing/outbox?tenant=acme&limit=3")
            guard case .array(let rows) = first["owed"], case .string(let next) = first["next"] else {
                Issue.record("no page: \(first.text)")
                return
            }
            #expect(rows.count == 3)
            let second = try await api.get("/v1/billing/outbox?tenant=acme&limit=3&after=\(next)")
            #expect(second["owed", "1", "hour"] == .string("2027-01-15T07:00:00Z"))
            #expect(second["owed", "2"] == nil)
            #expect(second["next"] == .null)
        }
    }

    @Test func `a flush by request reports, and the outbox shows what is owed`() async throws {
        let rig = try await Rig()
        rig.stripe.setScript {
            $0.payload["value"] == "6" ? ScriptedStripe.refused(400, "No such customer") : ScriptedStripe.accepted($0)
        }
        try await rig.put("acme")
        try await rig.put("evil")
        try await rig.owe("acme", total: 5)
        try await rig.owe("evil", total: 6)
        try await rig.serve { api in
            let report = try await api.post("/v1/billing/flush")
            #expect(report.status == 200)
            #expect(report["owed"] == .integer(0))
            let outbox = try await api.get("/v1/billing/outbox")
            #expect(outbox["owed", "0"] == nil)
            try await rig.owe("acme", total: 9)
            let grown = try await api.get("/v1/billing/outbox?tenant=acme")
            #expect(grown["owed", "0", "acknowledged"] == .integer(5))
            #expect(grown["owed", "0", "owed"] == .integer(4))
            #expect(grown["owed", "0", "state"] == .string("owed"))
        }
    }

    private static func text(_ row: JSONValue, _ name: String) -> String {
        guard case .object(let fields) = row, case .string(let text) = fields[name] else { return "" }
        return text
    }
}
