import Billing
import StripeAPI

extension PriceFacts {
    /// What matters of a price that Stripe described.
    init(_ price: StripePrice) {
        self.init(
            id: price.id, isActive: price.isActive, currency: price.currency ?? "", interval: price.interval,
            intervalCount: price.intervalCount ?? 1, usageType: price.usageType, meter: price.meterID,
            aggregateUsage: price.aggregateUsage, amount: price.unitAmountDecimal.flatMap { DecimalAmount($0) },
            lookupKey: price.lookupKey)
    }
}
