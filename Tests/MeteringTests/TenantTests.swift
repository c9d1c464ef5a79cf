import Metering
import Testing

struct TenantTests {
    private let full: [String: String] = [
        "plan": "starter", "customer": "cus_1", "subscription": "sub_1", "status": "past_due",
        "period_start": "1769853600", "period_end": "1772272800", "anchor": "1769853600",
        "billed_since": "1764583200",
        "limit.messages": "5000", "limit.tokens": "-1", "restricted": "unpaid since March", "created_at": "1760000000",
    ]

    @Test func `a record reads back what it stores`() throws {
        let tenant = try Tenant(id: "acme", version: 7, fields: full)
        #expect(tenant.fields == full)
        #expect(tenant.version == 7 && tenant.status == .pastDue && tenant.limits == ["messages": 5_000, "tokens": -1])
        #expect(try Tenant(id: "acme", version: 7, fields: tenant.fields) == tenant)

        let small = ["plan": "free", "created_at": "0"]
        #expect(try Tenant(id: "acme", version: 1, fields: small).fields == small)
    }

    @Test func `fields of a later release are left alone`() throws {
        var fields = full
        fields["colour"] = "blue"
        #expect(try Tenant(id: "acme", version: 7, fields: fields).fields == full)
    }

    @Test func `a stored period without an anchor makes its start the anchor`() throws {
        var fields = full
        fields["anchor"] = nil
        #expect(try Tenant(id: "acme", version: 1, fields: fields).anchor == 1_769_853_600)
    }

    @Test(
        arguments: [
            ("plan", nil, "plan: is missing"),
            ("created_at", nil, "created_at: is missing"),
            ("customer", "", "customer: is empty"),
            (
                "status", "late",
                "status: \"late\" is not a subscription status: "
                    + "active, trialing, past_due, unpaid, paused, incomplete, incomplete_expired, canceled"
            ),
            ("period_start", "x", "period_start: \"x\" is not a time from 1970 to 9999 in Unix seconds"),
            ("period_start", nil, "period_start: is missing: a period has a start and an end"),
            ("period_end", nil, "period_end: is missing: a period has a start and an end"),
            ("period_end", "1769853600", "period_end: 1769853600 is not after period_start, 1769853600"),
            ("anchor", "-1", "anchor: \"-1\" is not a time from 1970 to 9999 in Unix seconds"),
            ("limit.Bad", "1", "limit.Bad: \"Bad\" is not a meter's name"),
            (
                "limit.messages", "-2",
                "limit.messages: \"-2\" is not a limit: 0 to 999999999999999, or -1 for unlimited"
            ),
            (
                "limit.messages", "1000000000000000",
                "limit.messages: \"1000000000000000\" is not a limit: 0 to 999999999999999, or -1 for unlimited"
            ),
        ] as [(String, String?, String)])
    func `a bad field is named with what is allowed`(field: String, value: String?, message: String) {
        var fields = full
        fields[field] = value
        let error = #expect(throws: TenantRecordError.self) {
            try Tenant(id: "acme", version: 1, fields: fields)
        }
        #expect(error?.description == "tenant acme: \(message)")
    }

    @Test func `an id that cannot be one is refused`() {
        #expect(throws: TenantRecordError.self) { try Tenant(id: "a b", version: 1, fields: full) }
    }

    @Test func `a period outside of time is refused and changes nothing`() throws {
        var tenant = try Tenant(id: "acme", version: 1, fields: full)
        let before = tenant
        for (start, end) in [(-1, 5), (5, 5), (5, Int64.max)] as [(Int64, Int64)] {
            #expect(throws: TenantRecordError.self) { try tenant.setPeriod(start: start, end: end) }
        }
        #expect(tenant == before)
    }

    @Test func `a period that goes leaves the billing day`() throws {
        var tenant = try Tenant(id: "acme", version: 1, fields: full)
        tenant.clearPeriod()
        #expect(tenant.periodStart == nil && tenant.periodEnd == nil && tenant.anchor == 1_769_853_600)
    }
}
