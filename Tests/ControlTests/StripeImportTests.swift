import Metering
import RedisLink
import StripeAPI
import Testing

@testable import Control

@Suite struct StripeImportTests {
    private func account() -> ScriptedAccount {
        let account = ScriptedAccount()
        account.add(
            customer: "cus_a",
            ScriptedAccount.customer(
                "cus_a", tenant: "acme", subscriptions: [ScriptedAccount.subscription("sub_a", price: "price_1")]))
        account.add(customer: "cus_b", ScriptedAccount.customer("cus_b", tenant: "basic"))
        account.add(customer: "cus_c", ScriptedAccount.customer("cus_c"))
        return account
    }

    private func states(_ answer: DirectAnswer) -> [String] {
        answer.list("items").map {
            "\($0.text("tenant") ?? "-") \($0.text("state") ?? "")\($0.text("code").map { " \($0)" } ?? "")"
        }
    }

    @Test func `looking writes nothing and says who would become what`() async throws {
        let api = try await Rig.api(account())
        let answer = try await api.answer("/v1/stripe/import", "")
        #expect(states(answer) == ["acme create", "basic create"])
        #expect(answer.list("items").map { $0.text("plan") } == ["starter", "free"])
        #expect(answer.json.number("foreign") == 1 && answer.json.number("customers") == 3)
        #expect(try await api.rig.store.tenant("acme") == nil)
    }

    @Test func `applying writes tenants with an entry in the audit, and a second time changes nothing`() async throws {
        let api = try await Rig.api(account())
        let body = #"{"apply":true,"reason":"moving in"}"#
        #expect(states(try await api.answer("/v1/stripe/import", body)) == ["acme created", "basic created"])
        let stored = try #require(try await api.rig.store.tenant("acme"))
        let tenant = try ControlContext.tenant(stored)
        #expect(tenant.plan == "starter" && tenant.customer == "cus_a" && tenant.subscription == "sub_a")
        #expect(tenant.status == .active && tenant.periodStart == 1_767_225_600 && tenant.anchor == 1_767_225_600)
        let audit = try await api.answer("/v1/tenants/acme/audit", "", method: "GET").list("entries")
        #expect(audit.map { $0.text("action") } == ["tenant.import"])
        #expect(audit.first?.text("reason") == "moving in" && audit.first?.text("actor") == "uid:7")
        #expect(states(try await api.answer("/v1/stripe/import", body)) == ["acme unchanged", "basic unchanged"])
        #expect(try await api.rig.store.tenant("acme") == stored)
    }

    @Test func `a record changes where Stripe says otherwise, and the change is told`() async throws {
        let api = try await Rig.api(account())
        try await api.rig.put("acme", plan: "free", customer: nil)
        let item = try #require(try await api.answer("/v1/stripe/import", #"{"apply":true}"#).list("items").first)
        #expect(item.text("state") == "updated")
        #expect(item.text("detail")?.contains("plan free > starter") == true)
        #expect(item.text("detail")?.contains("customer none > cus_a") == true)
    }

    @Test func `a mapping names customers that have no metadata`() async throws {
        let api = try await Rig.api(account())
        let answer = try await api.answer("/v1/stripe/import", #"{"mapping":{"cus_c":"gamma","cus_x":"x"}}"#)
        #expect(states(answer) == ["acme create", "basic create", "gamma create"])
        let clash = try await api.answer("/v1/stripe/import", #"{"mapping":{"cus_a":"other"}}"#)
        #expect(states(clash)[0] == "- conflict several_tenants")
    }

    @Test func `a record that is somebody else's at Stripe is left alone`() async throws {
        let api = try await Rig.api(account())
        try await api.rig.put("acme", customer: "cus_other")
        let before = try await api.rig.store.tenant("acme")
        #expect(
            states(try await api.answer("/v1/stripe/import", #"{"apply":true}"#))[0] == "acme conflict other_customer")
        #expect(try await api.rig.store.tenant("acme") == before)
    }

    @Test func `a customer that is another tenant's already is not given to a second one`() async throws {
        let api = try await Rig.api(account())
        try await api.rig.put("elder", customer: "cus_a")
        try await api.rig.put("basic", customer: nil)
        try await api.rig.put("other", customer: "cus_b")
        for body in ["", #"{"apply":true}"#] {
            let answer = try await api.answer("/v1/stripe/import", body)
            #expect(states(answer) == ["acme conflict several_tenants", "basic conflict several_tenants"])
            #expect(answer.list("items")[0].text("detail")?.contains("of the tenant elder already") == true)
        }
        #expect(try await api.rig.store.tenant("acme") == nil)
    }

    @Test func `of two customers that want to be one tenant neither becomes it`() async throws {
        let account = account()
        account.add(customer: "cus_d", ScriptedAccount.customer("cus_d", tenant: "basic"))
        let api = try await Rig.api(account)
        let answer = try await api.answer("/v1/stripe/import", #"{"apply":true}"#)
        #expect(
            states(answer) == [
                "acme created", "basic conflict several_customers", "basic conflict several_customers",
            ])
        #expect(try await api.rig.store.tenant("basic") == nil)
        // The same across pages, which the caller sees.
        let left = try await api.answer("/v1/stripe/import", #"{"apply":true,"except":["acme"]}"#)
        #expect(states(left)[0] == "acme conflict several_customers")
    }

    @Test func `pages follow each other until the end`() async throws {
        let account = ScriptedAccount()
        account.setPageSize(3)
        for number in 1...8 {
            account.add(customer: "cus_\(number)", ScriptedAccount.customer("cus_\(number)", tenant: "t\(number)"))
        }
        let api = try await Rig.api(account)
        var seen: [String] = []
        var after: String?
        repeat {
            let body = after.map { #"{"apply":true,"after":"\#($0)"}"# } ?? #"{"apply":true}"#
            let answer = try await api.answer("/v1/stripe/import", body)
            seen += states(answer)
            after = answer.text("next")
        } while after != nil && seen.count < 20
        #expect(seen == (1...8).map { "t\($0) created" })
        #expect(account.reads == 3)
    }

    @Test func `a record that cannot be read is a conflict and the rest goes on`() async throws {
        let api = try await Rig.api(account())
        let store = api.rig.store
        _ = try await store.client.command(["HSET", store.keys.tenant("acme"), "v", "1", "plan", ""])
        for body in ["", #"{"apply":true}"#] {
            let found = states(try await api.answer("/v1/stripe/import", body))
            #expect(found[0] == "acme conflict bad_record")
            #expect(found[1].hasPrefix("basic create"))
        }
    }

    @Test func `a wrong body is refused`() async throws {
        let api = try await Rig.api(account())
        let many = (0...20_000).map { "\"cus_\($0)\":\"t\"" }.joined(separator: ",")
        for body in [
            #"{"apply":"yes"}"#, #"{"mapping":[]}"#, #"{"mapping":{"cus_a":1}}"#, #"{"except":"acme"}"#, #"{"x":1}"#,
            #"{"after":"a b"}"#, #"{"reason":""}"#, "{\"mapping\":{\(many)}}",
        ] {
            #expect(try await api.answer("/v1/stripe/import", body).status == 400, "\(body.prefix(40))")
        }
        let keyless = try await Rig.api(nil)
        #expect(try await keyless.answer("/v1/stripe/import", "").text("code") == "no_key")
    }
}
