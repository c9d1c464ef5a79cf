/// `/v1/billing/meter_events`. Stripe may report some of these faults later, as events; the sandbox reports them all
/// at once, which is the stricter of the two.
extension Account {
    func createMeterEvent(_ arguments: Arguments) throws(APIError) -> JSONValue {
        let event = try MeterEvent(arguments, now: now)
        if state.identifiers.value(for: event.identifier, now: now) != nil {
            // Clients recognise this answer by how its message starts: it has no code.
            throw .invalid("An event already exists with identifier \(event.identifier).")
        }
        guard let meter = state.meters.active(eventName: event.eventName) else {
            throw .invalid("No active meter found for event name \(event.eventName).", param: "event_name")
        }
        guard let customer = event.payload[meter.customerKey] else {
            throw .invalid(
                "The payload must have the key \(meter.customerKey), the customer's id.",
                param: "payload[\(meter.customerKey)]")
        }
        let value = try event.value(for: meter)
        guard state.customers.living(customer) != nil else {
            throw .noSuch("customer", customer, param: "payload[\(meter.customerKey)]", status: 400)
        }
        state.usage.receive(event, value: value, meter: meter, customer: customer)
        state.identifiers.insert(event.eventName, for: event.identifier, now: now)
        return event.body
    }
}
