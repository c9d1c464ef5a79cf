/// What a route does.
enum Operation: Sendable {
    case createCustomer, retrieveCustomer, updateCustomer, deleteCustomer, listCustomers
    case createMeter, retrieveMeter, updateMeter, deactivateMeter, reactivateMeter, listMeters
    case createMeterEvent, listEventSummaries
    case billing(BillingOperation)
    case createMeterEventV2, createMeterEventSession, streamMeterEvents
    case createAdjustment, createAdjustmentV2
    case retrieveCoreEvent
    case createUsageRecord, listUsageRecordSummaries
}
