/// The body of `POST /_sandbox/seed`, checked: customers with ids of the caller's choice, meters, and what
/// is billed.
struct Seed {
    let customers: [Customer]
    let meters: [Meter]
    let billing: BillingSeed

    init(_ json: JSONValue) throws(ControlError) {
        let input = try ControlInput(json, allowing: BillingSeed.keys.union(["customers", "meters"]))
        var customers: [Customer] = []
        for item in try input.list("customers") { customers.append(try Self.customer(item)) }
        var meters: [Meter] = []
        for item in try input.list("meters") { meters.append(try Self.meter(item)) }
        self.customers = customers
        self.meters = meters
        billing = try BillingSeed(input)
    }

    private static func customer(_ json: JSONValue) throws(ControlError) -> Customer {
        let input = try ControlInput(json, allowing: ["id", "name", "email", "description", "metadata"])
        let id = try input.objectID("id", prefix: "cus_")
        var customer = Customer(id: id, created: 0)
        for key in ["name", "email", "description"] {
            customer.attributes[key] = try input.optionalText(key).map { .text($0) }
        }
        customer.metadata = try input.metadata()
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
