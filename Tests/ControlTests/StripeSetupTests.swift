import HTTPLink
import Metering
import StripeAPI
import Testing

@testable import Control

@Suite struct StripeSetupTests {
    private static let catalogue = Catalogue(
        meters: [
            Meter(
                name: "messages", kind: .counter, cycle: .period, stripe: StripeMeter(eventName: "messages_used")),
            Meter(
                name: "tokens", kind: .counter, cycle: .period,
                cost: TokenCost(per: 1_000_000, amount: 200, currency: "usd"),
                stripe: StripeMeter(eventName: "tokens_used")),
            Meter(name: "seats", kind: .level),
        ],
        plans: [Plan(slug: "starter", name: "Starter", prices: ["monthly": "price_1", "yearly": "price_2"])])

    private static let run = #""run":"r1""#

    /// All parts, one after the other.
    private func setUp(
        _ account: ScriptedAccount, _ body: String = "", catalogue: Catalogue = catalogue
    ) async throws -> [JSONValue] {
        let api = try await Rig.api(account, catalogue: catalogue)
        var items: [JSONValue] = []
        var after = ""
        for _ in 0..<50 {
            let answer = try await api.answer(
                "/v1/stripe/setup", "{\(Self.run)\(body.isEmpty ? "" : ",")\(body)\(after)}")
            #expect(answer.status == 200)
            items += answer.list("items")
            guard let next = answer.text("next") else { return items }
            after = ",\"after\":\"\(next)\""
        }
        Issue.record("the setup does not end")
        return items
    }

    private func states(_ items: [JSONValue]) -> [String] {
        items.map { "\($0.text("subject") ?? "") \($0.text("state") ?? "")" }
    }

    private func account() -> ScriptedAccount {
        let account = ScriptedAccount()
        account.add(meter: ScriptedStripe.meter("messages_used"))
        account.add(price: "price_1", ScriptedAccount.price("price_1"))
        account.add(price: "price_2", ScriptedAccount.price("price_2", interval: "year"))
        return account
    }

    @Test func `each thing that is made is logged with who asked for it`() async throws {
        let api = try await Rig.api(account(), catalogue: Self.catalogue)
        _ = try await api.answer("/v1/stripe/setup", #"{"run":"r1","apply":true}"#)
        let lines = api.rig.logs.lines.filter { $0.contains("Made at Stripe") }
        #expect(lines.count == 3 && lines.allSatisfy { $0.contains("actor=uid:7") && $0.contains("run=r1") })
        #expect(lines.first?.contains("for=meters.tokens") == true && lines.first?.contains("kind=meter") == true)
    }

    @Test func `looking makes nothing and says what is missing`() async throws {
        let account = account()
        let items = try await setUp(account)
        #expect(
            states(items) == [
                "meters.messages ok", "meters.tokens create", "meters.tokens.cost create",
                "plans.starter.prices.monthly ok", "plans.starter.prices.yearly ok",
            ])
        #expect(account.posts.isEmpty)
    }

    @Test func `applying makes what is missing, and a second run makes nothing`() async throws {
        let account = account()
        let items = try await setUp(account, #""apply":true"#)
        #expect(states(items).contains("meters.tokens created"))
        #expect(states(items).contains("meters.tokens.cost created"))
        #expect(account.posts.map(\.path) == ["/v1/billing/meters", "/v1/products", "/v1/prices"])
        let meter = account.posts[0].fields
        #expect(meter["event_name"] == "tokens_used" && meter["event_time_window"] == "hour")
        #expect(meter["default_aggregation[formula]"] == "sum" && meter["customer_mapping[type]"] == "by_id")
        let price = account.posts[2].fields
        #expect(price["unit_amount_decimal"] == "0.0002" && price["recurring[meter]"] == "mtr_tokens_used")
        #expect(price["recurring[usage_type]"] == "metered" && price["lookup_key"] == "tollgate_tokens")
        #expect(Set(account.posts.map(\.idempotencyKey)).count == 3)
        let again = try await setUp(account, #""apply":true"#)
        #expect(Set(again.map { $0.text("state") ?? "" }) == ["ok"])
        #expect(account.posts.count == 3)
    }

    @Test func `a run that broke off between a product and its price is made up for`() async throws {
        let account = account()
        _ = try await setUp(account, #""apply":true"#)
        let whole = account.posts
        // As though the price had not been made: another account with the meter and the product.
        let broken = self.account()
        broken.add(meter: ScriptedStripe.meter("tokens_used"))
        _ = try await broken.send(Rig.post("/v1/products", whole[1].fields))
        let items = try await setUp(broken, #""apply":true"#)
        #expect(states(items).contains("meters.tokens.cost created"))
        #expect(broken.posts.last?.fields["product"] == "tollgate_tokens")
    }

    @Test func `what cannot be changed is a conflict, and nothing is made in its place`() async throws {
        let account = ScriptedAccount()
        account.add(meter: ScriptedStripe.meter("messages_used", window: "null"))
        account.add(meter: ScriptedStripe.meter("tokens_used", status: "inactive"))
        account.add(price: "price_1", ScriptedAccount.price("price_1", isActive: false))
        let items = try await setUp(account, #""apply":true"#)
        #expect(
            states(items) == [
                "meters.messages conflict", "meters.tokens conflict", "plans.starter.prices.monthly conflict",
                "plans.starter.prices.yearly conflict",
            ])
        #expect(account.posts.isEmpty)
        #expect(items.last?.text("detail")?.contains("its id cannot be chosen") == true)
    }

    @Test func `what Stripe refuses to make is said and the rest goes on`() async throws {
        let account = account()
        account.refuse(ScriptedAccount.error(400, "x", "No meters for you"))
        let items = try await setUp(account, #""apply":true"#)
        #expect(states(items).contains("meters.tokens failed"))
        #expect(items.contains { $0.text("detail")?.contains("No meters for you") == true })
        #expect(states(items).contains("plans.starter.prices.yearly ok"))
    }

    @Test func `an outage ends the run with what Stripe said`() async throws {
        let account = account()
        account.refuse(ScriptedAccount.error(503, "x", "Down for repairs"))
        let api = try await Rig.api(account, catalogue: Self.catalogue)
        let answer = try await api.answer("/v1/stripe/setup", #"{"apply":true,"run":"r1"}"#)
        #expect(answer.status == 502)
        #expect(answer.text("detail")?.contains("Down for repairs") == true)
    }

    @Test func `subscriptions that do not begin on a full hour are named, page by page and not for ever`() async throws
    {
        let account = account()
        account.setPageSize(2)
        for number in 1...30 {
            let anchor: Int64 = 1_767_225_600 + (number == 3 ? 1_020 : 0)
            account.add(
                subscription: "sub_\(number)",
                ScriptedAccount.subscription("sub_\(number)", price: "price_1", anchor: anchor))
        }
        let items = try await setUp(account).filter { $0.text("kind") == "subscription" }
        #expect(states(items) == ["sub_3 warning", "subscriptions warning"])
        #expect(items[0].text("detail")?.contains("2026-01-01T00:17:00Z") == true)
    }

    @Test func `a wrong body is refused`() async throws {
        let api = try await Rig.api(ScriptedAccount(), catalogue: Self.catalogue)
        for body in [
            #"{"apply":1}"#, #"{"apply":true}"#, #"{"run":"no spaces"}"#, #"{"after":"nowhere"}"#, #"{"x":1}"#,
            #"{"after":"meters:-1"}"#,
        ] {
            #expect(try await api.answer("/v1/stripe/setup", body).status == 400, "\(body)")
        }
    }

    @Test func `without a key there is nothing to set up`() async throws {
        let api = try await Rig.api(nil, catalogue: Self.catalogue)
        let answer = try await api.answer("/v1/stripe/setup", "")
        #expect(answer.status == 409 && answer.text("code") == "no_key")
    }
}
