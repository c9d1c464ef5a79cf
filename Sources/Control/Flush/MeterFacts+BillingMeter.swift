import Billing
import StripeAPI

extension MeterFacts {
    /// What matters of a meter that Stripe described.
    init(_ meter: BillingMeter) {
        self.init(
            id: meter.id, status: meter.status, formula: meter.formula, eventTimeWindow: meter.eventTimeWindow,
            customerMappingType: meter.customerMappingType, customerPayloadKey: meter.customerPayloadKey,
            valuePayloadKey: meter.valuePayloadKey)
    }
}
