/// Meter events, one a request: `/v1/billing/meter_events` and `/v2/billing/meter_events`.
extension Account {
    /// Shape and timestamp are checked at once; the rest at once or later, as the setting `validation` says: Stripe
    /// validates it asynchronously, but refusals of unknown names and customers were seen at once as well.
    func createMeterEvent(_ arguments: Arguments) throws(APIError) -> JSONValue {
        let event = try MeterEvent(arguments, now: now)
        if let problem = event.timestampProblem { throw problem.refusal }
        guard !isKnown(event) else {
            // Clients recognise this answer by how its message starts: it has no code.
            throw .invalid("An event already exists with identifier \(event.identifier).")
        }
        do throws(EventProblem) {
            try count(event)
        } catch {
            guard settings.validation == .async else { throw error.refusal }
            report(error, of: event)
        }
        return event.body
    }

    /// "Events are validated synchronously" (docs.stripe.com/api/v2/billing/meter-event/create), by the codes listed
    /// there; a customer that does not exist is none of them, and may come later.
    func createMeterEventV2(_ arguments: Arguments) throws(APIError) -> JSONValue {
        let event = try MeterEvent(v2: arguments, now: now)
        guard !isKnown(event) else {
            throw .invalid(
                "A meter event with the identifier \(event.identifier) has already been submitted.",
                code: "duplicate_meter_event", param: "identifier")
        }
        do throws(EventProblem) {
            if let problem = event.timestampProblem { throw problem }
            try count(event)
        } catch {
            guard settings.validation == .async, error.kind == .customerNotFound else { throw error.refusalV2 }
            report(error, of: event)
        }
        return event.bodyV2
    }

    /// An event of the stream: nothing is refused at once, not even a used identifier, which is passed over.
    func receiveStreamed(_ event: MeterEvent) {
        guard !isKnown(event) else { return }
        do throws(EventProblem) {
            if let problem = event.timestampProblem { throw problem }
            try count(event)
        } catch {
            report(error, of: event)
        }
    }

    private func isKnown(_ event: MeterEvent) -> Bool {
        state.received.event(EventIdentifier(event.identifier), now: now) != nil
    }

    /// Takes an event in: a window meter's newest event replaces what the window had, any other adds to its minute.
    private func count(_ event: MeterEvent) throws(EventProblem) {
        let (meter, counted) = try judged(event)
        let identifier = EventIdentifier(event.identifier)
        let start = counted.start(meter)
        let before = state.usage.row(counted.key, start: start)
        var row = UsageRow(start: start, counted, identifier, received: (before?.received ?? 0) + 1)
        if meter.window == nil, var sum = before {
            sum.add(counted, identifier)
            row = sum
        }
        change(counted.key, start: start, from: before, to: row)
        state.received.insert(.init(name: event.eventName, counted: counted), for: identifier, now: now)
    }

    /// Changes a row of usage; summaries show it once the delay has passed.
    func change(_ key: UsageKey, start: Int, from before: UsageRow?, to row: UsageRow?) {
        unseen.note(key, start: start, before: before, now: now, delay: settings.summaryDelaySeconds)
        state.usage.set(row, key, start: start)
    }

    private func judged(_ event: MeterEvent) throws(EventProblem) -> (Meter, CountedEvent) {
        guard let meter = state.meters.active(eventName: event.eventName) else {
            if let archived = state.meters.newest(eventName: event.eventName) {
                throw EventProblem(
                    .archivedMeter, "The meter of event name \(event.eventName) is not active.",
                    param: "event_name", meter: archived.id)
            }
            throw EventProblem(
                .noMeter, "No meter was found matching event_name \(event.eventName).", param: "event_name")
        }
        let param = "payload[\(meter.customerKey)]"
        guard let customer = event.payload[meter.customerKey] else {
            throw EventProblem(
                .noCustomerDefined, "The payload must have the key \(meter.customerKey), the customer's id.",
                param: param, meter: meter.id)
        }
        let value = try event.value(for: meter)
        guard state.customers.living(customer) != nil else {
            throw EventProblem(.customerNotFound, "Customer not found.", param: param, meter: meter.id)
        }
        return (
            meter,
            CountedEvent(meter: meter.id, customer: customer, timestamp: event.timestamp, value: value)
        )
    }

    /// Leaves a problem to the next error report. The identifier is used up all the same.
    private func report(_ problem: EventProblem, of event: MeterEvent) {
        state.reports.add(problem, identifier: event.identifier, now: now)
        state.received.insert(
            .init(name: event.eventName, counted: nil), for: EventIdentifier(event.identifier), now: now)
    }
}
