import Billing
import Logging
import Metering
import StripeAPI

/// Holds the catalogue against Stripe, a part at a time, and makes what is missing if it is told to.
struct StripeSetup {
    /// How many meters, and how many prices of plans, one part looks at.
    private static let metersInPart = 10
    private static let pricesInPart = 20
    /// The most pages of subscriptions that are looked at, of 100 each.
    static let mostSubscriptionPages = 10

    let stripe: StripeClient
    let retry: StripeRetry
    let catalogue: Catalogue
    let isApplying: Bool
    /// Names the run: what one run makes has one Idempotency-Key, however often it is asked for.
    let run: String
    /// Who asks, and where it is told what was made.
    let actor: String
    let logger: Logger

    /// The part that begins at a place.
    func page(from place: SetupPlace) async throws -> SetupPage {
        let meters = catalogue.billedMeters
        let prices = planPrices
        var page = SetupPage(total: meters.count + prices.count + Self.mostSubscriptionPages)
        switch place {
        case .meters(let first):
            let part = meters.dropFirst(first).prefix(Self.metersInPart)
            let found =
                part.contains { $0.stripe?.eventName != nil }
                ? try await read { stripe throws(StripeError) in try await stripe.listMeters() } : []
            for meter in part { page.items += try await items(of: meter, among: found) }
            page.done = min(first + part.count, meters.count)
            page.next = page.done < meters.count ? .meters(page.done) : .prices(0)
        case .prices(let first):
            let part = prices.dropFirst(first).prefix(Self.pricesInPart)
            for price in part { page.items.append(try await item(of: price)) }
            let done = min(first + part.count, prices.count)
            page.done = meters.count + done
            page.next = done < prices.count ? .prices(done) : .subscriptions(after: nil, pages: 0)
        case .subscriptions(let after, let pages):
            try await readSubscriptions(after: after, pages: pages, into: &page)
            page.done = page.next == nil ? page.total : meters.count + prices.count + pages + 1
        }
        return page
    }

    // MARK: - Meters

    /// A meter's own items: the meter at Stripe or the price of its usage records, and the price of its cost.
    private func items(of meter: Meter, among all: [BillingMeter]) async throws -> [SetupItem] {
        let subject = "meters.\(meter.name)"
        if meter.stripe?.price != nil { return [try await recordPrice(of: meter, subject)] }
        let found = all.filter { $0.eventName == meter.stripe?.eventName }.map { MeterFacts($0) }
        guard let step = SetupPlan.meter(meter, found: found) else { return [] }
        let (item, id) = try await carryOut(step, subject)
        // Without the meter there is nothing that a price could bill.
        guard item.state != .conflict, item.state != .failed else { return [item] }
        return [item] + (try await meteredPrice(of: meter, meterID: id, subject))
    }

    private func carryOut(
        _ step: SetupStep<MeterFacts, MeterDraft>, _ subject: String
    ) async throws -> (SetupItem, id: String?) {
        func item(_ state: SetupItem.State, _ detail: String, _ id: String? = nil) -> (SetupItem, String?) {
            (SetupItem(kind: "meter", subject: subject, state: state, detail: detail, id: id), id)
        }
        switch step {
        case .fit(let facts): return item(.ok, "the meter \(facts.id) is as it must be", facts.id)
        case .conflict(let why): return item(.conflict, why)
        case .create(let draft):
            let words = "a meter of the event name \(draft.eventName), sum, \(draft.eventTimeWindow ?? "no") window"
            guard isApplying else { return item(.create, words) }
            do throws(StripeError) {
                let meter = MeterRequest(
                    displayName: draft.displayName, eventName: draft.eventName,
                    eventTimeWindow: draft.eventTimeWindow)
                let made = try await write("meter", subject) { stripe, key throws(StripeError) in
                    try await stripe.createMeter(meter, idempotencyKey: key)
                }
                note("meter", made.id, subject)
                return item(.created, words, made.id)
            } catch {
                return item(.failed, try Self.refusal(error))
            }
        }
    }

    private func recordPrice(of meter: Meter, _ subject: String) async throws -> SetupItem {
        let id = meter.stripe?.price ?? ""
        let found = try await read { stripe throws(StripeError) in
            try await stripe.priceIfAny(id, isForUsageRecords: true)
        }
        switch SetupPlan.recordPrice(meter, found: found.map { PriceFacts($0) }) {
        case .fit:
            let isUsed = try await read { stripe throws(StripeError) in
                try await stripe.isInUse(price: id, isForUsageRecords: true)
            }
            return SetupItem(
                kind: "price", subject: subject, state: isUsed ? .ok : .warning,
                detail: isUsed
                    ? "the price \(id) is as it must be"
                    : "no subscription has the price \(id): nobody's usage is billed by it", id: id)
        case .conflict(let why): return SetupItem(kind: "price", subject: subject, state: .conflict, detail: why)
        case .create, nil:
            preconditionFailure("a price for usage records is never made")
        }
    }

    private func meteredPrice(of meter: Meter, meterID: String?, _ subject: String) async throws -> [SetupItem] {
        let subject = "\(subject).cost"
        func item(_ state: SetupItem.State, _ detail: String, _ id: String? = nil) -> [SetupItem] {
            [SetupItem(kind: "price", subject: subject, state: state, detail: detail, id: id)]
        }
        guard meter.cost != nil else { return [] }
        let lookupKey = SetupPlan.lookupKey(meter)
        var found = try await read { stripe throws(StripeError) in try await stripe.prices(lookupKey: lookupKey) }
        if found.isEmpty, let meterID {
            found = try await read { stripe throws(StripeError) in try await stripe.prices(meter: meterID) }
        }
        switch SetupPlan.meteredPrice(meter, meterID: meterID, found: found.map { PriceFacts($0) }) {
        case nil: return []
        case .fit(let price): return item(.ok, "the metered price \(price.id) bills it", price.id)
        case .conflict(let why): return item(.conflict, why)
        case .create(let draft):
            let words =
                "a product and a monthly metered price of \(draft.amount) \(draft.currency) (minor units) a unit"
            guard isApplying, draft.meter != nil else { return item(.create, words) }
            do throws(StripeError) {
                return item(.created, words, try await make(draft, subject).id)
            } catch {
                return item(.failed, try Self.refusal(error))
            }
        }
    }

    /// Makes a product, and its price. The product has an id of our choice, so that a run that broke off between the
    /// two is made up for by the next one.
    private func make(_ draft: PriceDraft, _ subject: String) async throws(StripeError) -> StripePrice {
        let metadata = ["tollgate_meter": draft.meterName]
        let product = try await write("product", subject) { stripe, key throws(StripeError) in
            try await stripe.makeProduct(
                id: draft.lookupKey, name: draft.productName, metadata: metadata, idempotencyKey: key)
        }
        note("product", product, subject)
        let price = PriceRequest(
            currency: draft.currency, product: product, unitAmountDecimal: draft.amount.text, meter: draft.meter,
            lookupKey: draft.lookupKey, metadata: metadata)
        let made = try await write("price", subject) { stripe, key throws(StripeError) in
            try await stripe.createPrice(price, idempotencyKey: key)
        }
        note("price", made.id, subject)
        return made
    }

    // MARK: - Plans

    /// A price that a plan names.
    private struct PlanPrice {
        let plan: String
        let interval: String
        let id: String
    }

    private var planPrices: [PlanPrice] {
        catalogue.plans.flatMap { plan in
            plan.prices.sorted { $0.key < $1.key }.map { PlanPrice(plan: plan.slug, interval: $0.key, id: $0.value) }
        }
    }

    private func item(of price: PlanPrice) async throws -> SetupItem {
        let subject = "plans.\(price.plan).prices.\(price.interval)"
        let found = try await read { stripe throws(StripeError) in try await stripe.priceIfAny(price.id) }
        switch SetupPlan.planPrice(price.id, interval: price.interval, found: found.map { PriceFacts($0) }) {
        case .conflict(let why):
            return SetupItem(kind: "price", subject: subject, state: .conflict, detail: why, id: price.id)
        case .fit, .create:
            return SetupItem(
                kind: "price", subject: subject, state: .ok, detail: "the price \(price.id) is as it must be",
                id: price.id)
        }
    }

    // MARK: - Subscriptions

    /// Warns of subscriptions whose periods do not begin on a full hour.
    private func readSubscriptions(after: String?, pages: Int, into page: inout SetupPage) async throws {
        let list = try await read { stripe throws(StripeError) in try await stripe.subscriptionPage(after: after) }
        for subscription in list.data {
            // Of a subscription that runs it can be moved to now, which ends the period and invoices it, or to the end
            // of a trial, in which usage is free (docs.stripe.com/billing/subscriptions/billing-cycle).
            let anchor = subscription.billingCycleAnchor
            guard anchor % 3600 != 0 else { continue }
            page.items.append(
                SetupItem(
                    kind: "subscription", subject: subscription.id, state: .warning,
                    detail: "its periods begin at \(InstantText.text(anchor)), not on a full hour: that hour is billed "
                        + "whole with the new period (Stripe moves an anchor only with an invoice or a trial)",
                    id: subscription.id))
        }
        guard let next = list.next else { return }
        if pages + 1 < Self.mostSubscriptionPages {
            page.next = .subscriptions(after: next, pages: pages + 1)
        } else {
            page.items.append(
                SetupItem(
                    kind: "subscription", subject: "subscriptions", state: .warning,
                    detail: "only the newest \((pages + 1) * 100) were looked at"))
        }
    }

    // MARK: -

    private func read<Answer>(
        _ call: (StripeClient) async throws(StripeError) -> Answer
    ) async throws(StripeError) -> Answer {
        try await retry.read { () async throws(StripeError) in try await call(stripe) }
    }

    /// Makes one thing, with a key of its own for the run.
    private func write<Answer>(
        _ kind: String, _ subject: String, _ call: (StripeClient, String) async throws(StripeError) -> Answer
    ) async throws(StripeError) -> Answer {
        try await retry.write(key: "tollgate-setup-\(run)-\(kind)-\(subject)") { (key) async throws(StripeError) in
            try await call(stripe, key)
        }
    }

    /// There is no tenant whose audit stream could tell it.
    private func note(_ kind: String, _ id: String, _ subject: String) {
        logger.notice(
            "Made at Stripe by a setup",
            metadata: [
                "kind": "\(kind)", "id": "\(id)", "for": "\(subject)", "actor": "\(actor)", "run": "\(run)",
            ])
    }

    /// What Stripe said of one thing. An error of another kind concerns all of them and ends the run.
    private static func refusal(_ error: StripeError) throws(StripeError) -> String {
        guard let status = error.httpStatus, (400..<500).contains(status), ![401, 403, 429].contains(status) else {
            throw error
        }
        return "Stripe refuses it: \(error)"
    }
}
