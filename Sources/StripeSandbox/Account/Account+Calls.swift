/// From a request to the method that serves it.
extension Account {
    /// The parameters of a request: its query, and for a POST its body. A route that reads its body itself has none.
    ///
    /// - Throws: 400 when a POST's body is not a form, in v2 JSON.
    static func form(of request: APIRequest, _ route: Route?) throws(APIError) -> [String: FormValue] {
        if let route, route.readsBody { return [:] }
        if request.isV2, request.method == "POST" {
            guard request.query.isEmpty else {
                throw .invalid("A POST of the v2 API has no query parameters.").beforeExecution
            }
            return try FormValue.members(ofJSON: request.body)
        }
        guard request.method == "POST", !request.body.isEmpty else {
            return try FormDecoder.decode(Array(request.query.utf8))
        }
        let type = request.header("content-type")?.split(separator: ";").first ?? ""
        guard type.lowercased() == "application/x-www-form-urlencoded" else {
            throw .invalid(
                "Invalid request: the content type of a POST must be application/x-www-form-urlencoded, not '\(type)'."
            ).beforeExecution
        }
        guard !request.query.isEmpty else { return try FormDecoder.decode(request.body) }
        return try FormDecoder.decode(Array(request.query.utf8) + [UInt8(ascii: "&")] + request.body)
    }

    func run(_ call: Call, _ arguments: Arguments) throws(APIError) -> JSONValue {
        switch call.route.operation {
        case .createCustomer: try createCustomer(arguments)
        case .retrieveCustomer: try retrieveCustomer(call.id)
        case .updateCustomer: try updateCustomer(call.id, arguments)
        case .deleteCustomer: try deleteCustomer(call.id)
        case .listCustomers: try listCustomers(arguments, call.version)
        case .createMeter: try createMeter(arguments, call.version)
        case .retrieveMeter: try retrieveMeter(call.id)
        case .updateMeter: try updateMeter(call.id, arguments)
        case .deactivateMeter: try deactivateMeter(call.id)
        case .reactivateMeter: try reactivateMeter(call.id)
        case .listMeters: try listMeters(arguments)
        case .createMeterEvent: try createMeterEvent(arguments)
        case .listEventSummaries: try listEventSummaries(call.id, arguments)
        case .billing(let operation): try run(operation, call, arguments)
        case .createMeterEventV2: try createMeterEventV2(arguments)
        case .createMeterEventSession: createMeterEventSession()
        case .streamMeterEvents: try streamMeterEvents(call.body)
        case .createAdjustment: try createAdjustment(arguments)
        case .createAdjustmentV2: try createAdjustmentV2(arguments)
        case .retrieveCoreEvent: try retrieveCoreEvent(call.id)
        case .createUsageRecord: try createUsageRecord(call.id, arguments)
        case .listUsageRecordSummaries: try listUsageRecordSummaries(call.id, arguments)
        }
    }

    /// What a meter event's request is about, as far as its form tells.
    static func customerAndMeter(_ form: [String: FormValue], _ meters: MeterTable) -> String? {
        guard case .text(let eventName) = form["event_name"], case .map(let payload) = form["payload"] else {
            return nil
        }
        let key = meters.active(eventName: eventName)?.customerKey ?? "stripe_customer_id"
        guard case .text(let customer) = payload[key] else { return nil }
        return "\(eventName)\n\(customer)"
    }
}
