/// `/v1/billing/meters`.
extension Account {
    func createMeter(_ arguments: Arguments, _ version: APIVersion) throws(APIError) -> JSONValue {
        let name = try arguments.object("default_aggregation")?.required("formula") ?? ""
        guard version.formulas.contains(name), let formula = Meter.Formula(rawValue: name) else {
            throw .invalid(
                "Invalid default_aggregation[formula]: must be one of \(version.formulas.joined(separator: ", "))",
                param: "default_aggregation[formula]"
            ).beforeExecution
        }
        let meter = Meter(
            id: Meter.newID(),
            created: now,
            updated: now,
            displayName: try arguments.required("display_name"),
            eventName: try arguments.required("event_name"),
            formula: formula,
            window: arguments.text("event_time_window").flatMap(Meter.Window.init),
            customerKey: arguments.object("customer_mapping")?.text("event_payload_key") ?? "stripe_customer_id",
            valueKey: arguments.object("value_settings")?.text("event_payload_key") ?? "value")
        try state.meters.store(meter)
        return meter.body
    }

    func retrieveMeter(_ id: String) throws(APIError) -> JSONValue { try state.meters.meter(id).body }

    /// Only the display name of a meter can change.
    func updateMeter(_ id: String, _ arguments: Arguments) throws(APIError) -> JSONValue {
        var meter = try state.meters.meter(id)
        if let name = arguments.text("display_name") {
            meter.displayName = name
            meter.updated = now
        }
        try state.meters.store(meter)
        return meter.body
    }

    func deactivateMeter(_ id: String) throws(APIError) -> JSONValue {
        var meter = try state.meters.meter(id)
        guard meter.isActive else { throw .invalid("The meter \(id) is already inactive.", param: "id") }
        meter.deactivatedAt = now
        meter.updated = now
        try state.meters.store(meter)
        return meter.body
    }

    func reactivateMeter(_ id: String) throws(APIError) -> JSONValue {
        var meter = try state.meters.meter(id)
        guard !meter.isActive else { throw .invalid("The meter \(id) is already active.", param: "id") }
        meter.deactivatedAt = nil
        meter.updated = now
        try state.meters.store(meter)
        return meter.body
    }

    func listMeters(_ arguments: Arguments) throws(APIError) -> JSONValue {
        let status = arguments.text("status")
        return try Page.cut(
            state.meters.newestFirst, arguments, url: "/v1/billing/meters", noun: "billing meter", id: \.id,
            isIncluded: { status == nil || $0.isActive == (status == "active") }, body: \.body)
    }
}
