/// `POST /_sandbox/seed`.
extension Account {
    /// Creates what is not there yet, all of it or none; asked again, it changes nothing and answers the same ids.
    ///
    /// - Throws: 409 when a customer was deleted, or an active meter of the name adds up differently.
    func plant(_ seed: Seed) throws(ControlError) -> JSONValue {
        var customers = state.customers
        var meters = state.meters
        var created = 0
        var planted: [JSONValue] = []
        for customer in seed.customers {
            if customers[customer.id]?.isDeleted == true {
                throw ControlError("customer \(customer.id) was deleted; choose another id", status: 409)
            }
            guard customers[customer.id] == nil else { continue }
            customers.store(customer.asOf(now))
            created += 1
        }
        for wanted in seed.meters {
            let meter = try existing(wanted, in: meters) ?? wanted.asOf(now)
            if meter.id == wanted.id {
                do throws(APIError) { try meters.store(meter) } catch { throw ControlError(error.message, status: 409) }
                created += 1
            }
            planted.append(.object(["id": .text(meter.id), "event_name": .text(meter.eventName)]))
        }
        var planter = BillingPlanter(state, customers: customers, meters: meters, now: now)
        try planter.plant(seed.billing)
        created += planter.created
        state.products = planter.products
        state.prices = planter.prices
        state.subscriptions = planter.subscriptions
        billingDue = nil
        state.customers = customers
        state.meters = meters
        if created > 0 { noteChange() }
        return .object([
            "created": .integer(created),
            "customers": .list(seed.customers.map { .text($0.id) }),
            "meters": .list(planted),
        ])
    }

    private func existing(_ wanted: Meter, in meters: MeterTable) throws(ControlError) -> Meter? {
        guard let meter = meters.active(eventName: wanted.eventName) else { return nil }
        let isSame =
            meter.formula == wanted.formula && meter.window == wanted.window
            && meter.customerKey == wanted.customerKey && meter.valueKey == wanted.valueKey
        guard isSame else {
            throw ControlError(
                "the active meter \(meter.id) of event name \(meter.eventName) adds up differently", status: 409)
        }
        return meter
    }
}

extension Customer {
    fileprivate func asOf(_ now: Int) -> Customer {
        Customer(id: id, created: now, attributes: attributes, metadata: metadata)
    }
}

extension Meter {
    fileprivate func asOf(_ now: Int) -> Meter {
        Meter(
            id: id, created: now, updated: now, displayName: displayName, eventName: eventName, formula: formula,
            window: window, customerKey: customerKey, valueKey: valueKey)
    }
}
