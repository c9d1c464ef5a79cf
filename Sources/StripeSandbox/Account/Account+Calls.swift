/// From a request to the method that serves it.
extension Account {
    /// The parameters of a request: its query, and for a POST its body.
    ///
    /// - Throws: 400 when a POST's body is not a form.
    static func form(of request: APIRequest) throws(APIError) -> [String: FormValue] {
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
        case .listCustomers: try listCustomers(arguments)
        case .createMeter: try createMeter(arguments, call.version)
        case .retrieveMeter: try retrieveMeter(call.id)
        case .updateMeter: try updateMeter(call.id, arguments)
        case .deactivateMeter: try deactivateMeter(call.id)
        case .reactivateMeter: try reactivateMeter(call.id)
        case .listMeters: try listMeters(arguments)
        case .createMeterEvent: try createMeterEvent(arguments)
        case .listEventSummaries: try listEventSummaries(call.id, arguments)
        case .billing(let operation): try run(operation, call, arguments)
        }
    }
}
