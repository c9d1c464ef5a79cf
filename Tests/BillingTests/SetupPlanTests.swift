import Billing
import Metering
import Testing

@Suite struct SetupPlanTests {
    private let window = Meter(
        name: "tokens", kind: .counter, cycle: .period, cost: TokenCost(per: 1_000_000, amount: 200, currency: "usd"),
        stripe: StripeMeter(eventName: "tokens_used"))

    private func facts(window: String? = "hour", status: String = "active", formula: String = "sum") -> MeterFacts {
        MeterFacts(id: "mtr_1", status: status, formula: formula, eventTimeWindow: window)
    }

    private func ours(
        amount: String = "0.0002", meter: String? = "mtr_1", isActive: Bool = true, currency: String = "usd"
    ) -> PriceFacts {
        PriceFacts(
            id: "price_9", isActive: isActive, currency: currency, usageType: "metered", meter: meter,
            amount: DecimalAmount(amount), lookupKey: "tollgate_tokens")
    }

    private func why<Facts, Draft>(_ step: SetupStep<Facts, Draft>?) -> String {
        if case .conflict(let why) = step { why } else { "no conflict" }
    }

    @Test func `a meter that Stripe does not have is made with the window that its mode needs`() {
        let draft = MeterDraft(displayName: "tokens", eventName: "tokens_used", eventTimeWindow: "hour")
        #expect(SetupPlan.meter(window, found: []) == .create(draft))
        #expect(SetupPlan.meter(Meter(name: "seats", kind: .level), found: []) == nil)
    }

    @Test func `a meter that adds is made without a window, and one with a window is a conflict`() {
        let adding = Meter(
            name: "pages", kind: .counter, cycle: .period, stripe: StripeMeter(mode: .sum, eventName: "pages_used"))
        let draft = MeterDraft(displayName: "pages", eventName: "pages_used", eventTimeWindow: nil)
        #expect(SetupPlan.meter(adding, found: []) == .create(draft))
        #expect(SetupPlan.meter(adding, found: [facts(window: nil)]) == .fit(facts(window: nil)))
        #expect(why(SetupPlan.meter(adding, found: [facts()])).contains("create another meter"))
    }

    @Test func `a price for usage records must be there, active, metered and add up as a sum`() {
        let meter = Meter(name: "pages", kind: .counter, cycle: .period, stripe: StripeMeter(price: "price_r"))
        func record(_ price: PriceFacts?) -> SetupStep<PriceFacts, PriceDraft>? {
            SetupPlan.recordPrice(meter, found: price)
        }
        let good = PriceFacts(id: "price_r", usageType: "metered", aggregateUsage: "sum")
        #expect(record(good) == .fit(good))
        #expect(why(record(nil)).contains("can no longer be made"))
        var price = good
        price.isActive = false
        #expect(why(record(price)).contains("archived"))
        price = good
        price.usageType = "licensed"
        #expect(why(record(price)).contains("must be metered"))
        price = good
        price.aggregateUsage = "max"
        #expect(why(record(price)).contains("must be sum"))
        price = good
        price.meter = "mtr_1"
        #expect(why(record(price)).contains("takes no usage records"))
        #expect(SetupPlan.recordPrice(window, found: good) == nil)
        #expect(SetupPlan.meter(meter, found: []) == nil)
        #expect(SetupPlan.meteredPrice(meter, meterID: nil, found: []) == nil)
    }

    @Test func `a meter as it must be is left alone`() {
        #expect(SetupPlan.meter(window, found: [facts()]) == .fit(facts()))
    }

    @Test func `what Stripe lets nobody change is a conflict and is never made anew`() {
        #expect(why(SetupPlan.meter(window, found: [facts(window: nil)])).contains("event_time_window"))
        #expect(why(SetupPlan.meter(window, found: [facts(formula: "count")])).contains("create another meter"))
        #expect(why(SetupPlan.meter(window, found: [facts(status: "inactive")])).contains("reactivate"))
    }

    @Test func `a meter with a cost gets a metered price, once`() throws {
        let step = SetupPlan.meteredPrice(window, meterID: "mtr_1", found: [])
        guard case .create(let draft) = step else {
            Issue.record("not made: \(String(describing: step))")
            return
        }
        #expect(draft.amount.text == "0.0002" && draft.currency == "usd" && draft.meter == "mtr_1")
        #expect(draft.lookupKey == "tollgate_tokens")
        #expect(SetupPlan.meteredPrice(window, meterID: "mtr_1", found: [ours()]) == .fit(ours()))
        let written = ours(amount: "0.00020")
        #expect(SetupPlan.meteredPrice(window, meterID: "mtr_1", found: [written]) == .fit(written))
    }

    @Test func `a price that somebody made on the meter by hand does`() {
        let hand = PriceFacts(id: "price_h", usageType: "metered", meter: "mtr_1", amount: DecimalAmount("7"))
        #expect(SetupPlan.meteredPrice(window, meterID: "mtr_1", found: [hand]) == .fit(hand))
        var archived = hand
        archived.isActive = false
        guard case .create = SetupPlan.meteredPrice(window, meterID: "mtr_1", found: [archived]) else {
            Issue.record("an archived price bills nobody new")
            return
        }
    }

    @Test func `a price of ours that is another than the catalogue's is a conflict`() {
        func conflict(_ price: PriceFacts) -> String {
            why(SetupPlan.meteredPrice(window, meterID: "mtr_1", found: [price]))
        }
        #expect(conflict(ours(amount: "0.0003")).contains("0.0003"))
        #expect(conflict(ours(currency: "eur")).contains("eur"))
        #expect(conflict(ours(meter: "mtr_2")).contains("mtr_1"))
        #expect(conflict(ours(isActive: false)).contains("archived"))
        var odd = window
        odd.cost = TokenCost(per: 3, amount: 1, currency: "usd")
        #expect(why(SetupPlan.meteredPrice(odd, meterID: "mtr_1", found: [])).contains("no exact price"))
    }

    @Test func `a plan's price must be there, active, licensed and of its interval`() {
        func plan(_ price: PriceFacts?, _ interval: String = "monthly") -> SetupStep<PriceFacts, PriceDraft> {
            SetupPlan.planPrice("price_1", interval: interval, found: price)
        }
        let monthly = PriceFacts(id: "price_1")
        #expect(plan(monthly) == .fit(monthly))
        #expect(plan(PriceFacts(id: "price_1", interval: "year"), "yearly") != plan(monthly))
        let twelve = PriceFacts(id: "price_1", intervalCount: 12)
        #expect(plan(twelve, "yearly") == .fit(twelve))
        #expect(why(plan(nil)).contains("its id cannot be chosen"))
        #expect(why(plan(PriceFacts(id: "price_1", isActive: false))).contains("archived"))
        #expect(why(plan(monthly, "yearly")).contains("not yearly"))
        #expect(why(plan(PriceFacts(id: "price_1", intervalCount: 3))).contains("3 months"))
        #expect(why(plan(PriceFacts(id: "price_1", interval: nil, usageType: nil))).contains("must recur"))
        #expect(why(plan(PriceFacts(id: "price_1", usageType: "metered"))).contains("licensed"))
    }
}
