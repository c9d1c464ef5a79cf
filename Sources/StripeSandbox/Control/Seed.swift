/// The body of `POST /_sandbox/seed`, checked: customers with ids of the caller's choice, and meters.
struct Seed {
    let customers: [Customer]
    let meters: [Meter]

    init(_ json: JSONValue) throws(ControlError) {
        let input = try ControlInput(json, allowing: ["customers", "meters"])
        var customers: [Customer] = []
        for item in try input.list("customers") { customers.append(try Self.customer(item)) }
        var meters: [Meter] = []
        for item in try input.list("meters") { meters.append(try Self.meter(item)) }
        self.customers = customers
        self.meters = meters
    }

    private static func customer(_ json: JSONValue) throws(ControlError) -> Customer {
        let input = try ControlInput(json, allowing: ["id", "name", "email", "description", "metadata"])
        let id = try input.text("id")
        let suffix = id.dropFirst(4).unicodeScalars
        let isPlain = suffix.allSatisfy { $0 == "_" || ($0.isASCII && ($0.properties.isAlphabetic || "0"..."9" ~= $0)) }
        guard id.hasPrefix("cus_"), (1...60).contains(suffix.count), isPlain else {
            throw ControlError("customer id '\(id)' must be cus_ and 1 to 60 of A-Z a-z 0-9 _")
        }
        var customer = Customer(id: id, created: 0)
        for key in ["name", "email", "description"] {
            customer.attributes[key] = try input.optionalText(key).map { .text($0) }
        }
        if let metadata = input.members["metadata"] {
            let texts = (metadata.object ?? [:]).compactMapValues(\.text)
            guard texts.count == metadata.object?.count, texts.count <= 50 else {
                throw ControlError("metadata must be an object of at most 50 texts")
            }
            customer.metadata = texts
        }
        return customer
    }

    private static func meter(_ json: JSONValue) throws(ControlError) -> Meter {
        let input = try ControlInput(
            json,
            allowing: ["event_name", "display_name", "formula", "event_time_window", "customer_key", "value_key"])
        let eventName = try input.text("event_name")
        guard eventName.count <= 100 else { throw ControlError("event_name can have at most 100 characters") }
        guard let formula = Meter.Formula(rawValue: try input.optionalText("formula") ?? "sum") else {
            throw ControlError("formula must be one of count, last, sum")
        }
        let windowName = try input.optionalText("event_time_window")
        let window = windowName.flatMap(Meter.Window.init)
        guard windowName == nil || window != nil else { throw ControlError("event_time_window must be day or hour") }
        return Meter(
            id: Meter.newID(), created: 0, updated: 0,
            displayName: try input.optionalText("display_name") ?? eventName,
            eventName: eventName, formula: formula, window: window,
            customerKey: try input.optionalText("customer_key") ?? "stripe_customer_id",
            valueKey: try input.optionalText("value_key") ?? "value")
    }
}
