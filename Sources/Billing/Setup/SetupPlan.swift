public import Metering

/// Holds what a catalogue needs at Stripe against what is there. It only ever adds: what Stripe does not let anybody
/// change (a meter's formula and window, a price's amount; docs.stripe.com/billing/subscriptions/usage-based) is a
/// conflict, for people to settle.
public enum SetupPlan {
    /// What the lookup keys of our prices begin with.
    private static let lookupPrefix = "tollgate_"

    /// The lookup key of a meter's price. Lookup keys are unique within an account (docs.stripe.com/api/prices/create).
    public static func lookupKey(_ meter: Meter) -> String { lookupPrefix + meter.name }

    /// The meter at Stripe that a meter's events go to; nil for one without events.
    ///
    /// - Parameter found: all meters at Stripe of that event name, active and not.
    public static func meter(_ meter: Meter, found: [MeterFacts]) -> SetupStep<MeterFacts, MeterDraft>? {
        guard let stripe = meter.stripe, let eventName = stripe.eventName else { return nil }
        guard !found.isEmpty else {
            return .create(
                MeterDraft(
                    displayName: meter.name, eventName: eventName,
                    eventTimeWindow: stripe.mode == .window ? "hour" : nil))
        }
        switch MeterFit.judge(eventName: eventName, meters: found, adds: stripe.mode == .sum) {
        case .fit(let facts): return .fit(facts)
        case .unfit(let why): return .conflict(why)
        }
    }

    /// The price by which a meter's usage records are billed; nil for a meter without them.
    ///
    /// - Parameter found: the price with that id, as an API version up to 2024-12-18.acacia shows it; nil for none.
    public static func recordPrice(_ meter: Meter, found: PriceFacts?) -> SetupStep<PriceFacts, PriceDraft>? {
        guard let id = meter.stripe?.price else { return nil }
        guard let price = found else {
            return .conflict(
                "Stripe has no price \(id): name one that is there, or use the mode window, since prices for usage "
                    + "records can no longer be made")
        }
        guard price.isActive else { return .conflict("the price \(id) is archived: activate it at Stripe") }
        guard price.usageType == "metered" else {
            return .conflict("the price \(id) is \(price.usageType ?? "paid once"); it must be metered: name another")
        }
        if let other = price.meter {
            return .conflict(
                "the price \(id) bills the meter \(other), which takes no usage records: use the mode window or sum")
        }
        guard price.aggregateUsage == "sum" else {
            return .conflict(
                "the price \(id) adds usage up as \(price.aggregateUsage ?? "unknown"); it must be sum: name another")
        }
        return .fit(price)
    }

    /// The metered price that a meter with a cost is billed by; nil for a meter without events or cost.
    ///
    /// - Parameters:
    ///   - meterID: its meter at Stripe; nil while that is to be made.
    ///   - found: the prices with our lookup key, and those on that meter, active and not.
    public static func meteredPrice(
        _ meter: Meter, meterID: String?, found: [PriceFacts]
    ) -> SetupStep<PriceFacts, PriceDraft>? {
        guard let cost = meter.cost, meter.stripe?.eventName != nil else { return nil }
        guard let amount = DecimalAmount(cost.amount, per: cost.per) else {
            return .conflict(
                "\(cost.amount) for \(cost.per) units has no exact price of a unit with \(DecimalAmount.mostPlaces) "
                    + "decimal places: choose a per that has only factors of 2 and 5")
        }
        let key = lookupKey(meter)
        if let ours = found.first(where: { $0.lookupKey == key }) {
            return judge(ours, meterID: meterID, amount: amount, currency: cost.currency)
        }
        // One that somebody made by hand bills the meter too; what it costs is theirs to say.
        if let meterID, let other = found.first(where: { $0.isActive && $0.meter == meterID }) { return .fit(other) }
        return .create(
            PriceDraft(
                productName: meter.name, meterName: meter.name, lookupKey: key, meter: meterID, currency: cost.currency,
                amount: amount))
    }

    /// The price of a plan, which has an id of Stripe's own choice and so cannot be made here.
    ///
    /// - Parameter interval: `monthly` or `yearly`, as the catalogue names it.
    public static func planPrice(
        _ id: String, interval: String, found: PriceFacts?
    ) -> SetupStep<PriceFacts, PriceDraft> {
        guard let price = found else {
            return .conflict(
                "Stripe has no price \(id): make one there (its id cannot be chosen) and name its id in the catalogue; "
                    + "or it is of the other mode, live or test, than the key")
        }
        guard price.isActive else {
            return .conflict("the price \(id) is archived: activate it at Stripe, or name another in the catalogue")
        }
        guard let found = price.interval else {
            return .conflict("the price \(id) is paid once; a plan's must recur: name another")
        }
        let months = ["month": 1, "year": 12][found].map { $0 * price.intervalCount }
        guard months == (interval == "yearly" ? 12 : 1) else {
            let span = price.intervalCount == 1 ? found : "\(price.intervalCount) \(found)s"
            return .conflict("the price \(id) is for each \(span), not \(interval): name another")
        }
        guard price.usageType != "metered" else {
            return .conflict("the price \(id) is metered; a plan's must be licensed: name another")
        }
        return .fit(price)
    }

    private static func judge(
        _ price: PriceFacts, meterID: String?, amount: DecimalAmount, currency: String
    ) -> SetupStep<PriceFacts, PriceDraft> {
        let subject = "the price \(price.id) with the lookup key \(price.lookupKey ?? "")"
        let another = "make another, and move the lookup key to it"
        guard price.isActive else { return .conflict("\(subject) is archived: activate it at Stripe, or \(another)") }
        guard price.usageType == "metered", price.meter != nil, price.meter == meterID else {
            return .conflict("\(subject) does not bill the meter \(meterID ?? "that is to be made"): \(another)")
        }
        guard price.amount == amount, price.currency == currency else {
            return .conflict(
                "\(subject) is \(price.amount?.text ?? "in tiers") \(price.currency) for a unit, the catalogue says "
                    + "\(amount) \(currency): correct the catalogue, or \(another)")
        }
        return .fit(price)
    }
}
