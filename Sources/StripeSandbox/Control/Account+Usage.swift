import FoundationEssentials

/// Usage as the sandbox holds it, whatever summaries show: in `/_sandbox/state`, and by pages in `/_sandbox/usage`.
extension Account {
    /// Most rows of a page.
    static let largestUsagePage = 10_000

    /// All rows by meter, customer and hour.
    func allUsage() -> [JSONValue] {
        var rows: [JSONValue] = []
        for meter in state.meters.newestFirst.reversed() {
            for customer in state.usage.customers(ofMeter: meter.id) {
                rows += hours(meter, customer, from: 0, limit: .max).map(\.row)
            }
        }
        return rows
    }

    /// `?customer=&meter=&limit=&after=`: `after` is the `next` of the page before.
    func usagePage(_ request: APIRequest) throws(ControlError) -> JSONValue {
        let query = try ControlQuery(request, allowing: ["customer", "meter", "limit", "after"])
        let limit = try query.integer("limit", default: 1_000, in: 1...Self.largestUsagePage)
        let cursor = try query.text("after").map { text throws(ControlError) in try UsageCursor(text) }
        var rows: [JSONValue] = []
        for meter in state.meters.newestFirst.reversed().map(\.id).sorted() {
            guard let meter = state.meters[meter], query.text("meter").map({ $0 == meter.id }) ?? true else { continue }
            for customer in customers(ofMeter: meter.id, only: query.text("customer")) {
                let start = cursor.map { $0.start(meter.id, customer) } ?? 0
                guard let start else { continue }
                for (hour, row) in hours(meter, customer, from: start, limit: limit - rows.count + 1) {
                    if rows.count == limit {
                        let next = UsageCursor(meter: meter.id, customer: customer, hour: hour)
                        return .object(["usage": .list(rows), "next": .text(next.text)])
                    }
                    rows.append(row)
                }
            }
        }
        return .object(["usage": .list(rows), "next": .null])
    }

    private func customers(ofMeter meter: String, only customer: String?) -> [String] {
        customer.map { [$0] } ?? state.usage.customers(ofMeter: meter)
    }

    /// The hours of a customer from `start` on. A day-window meter's stand at the first hour of their day.
    private func hours(
        _ meter: Meter, _ customer: String, from start: Int, limit: Int
    ) -> [(hour: Int, row: JSONValue)] {
        let rows = state.usage.rows(UsageKey(meter: meter.id, customer: customer), from: start)
        var hours: [(Int, JSONValue)] = []
        var index = rows.startIndex
        while index < rows.endIndex, hours.count < limit {
            let hour = rows[index].start - rows[index].start % 3_600
            let end = rows[index...].firstIndex { $0.start >= hour + 3_600 } ?? rows.endIndex
            hours.append((hour, row(meter, customer, hour, Array(rows[index..<end]))))
            index = end
        }
        return hours
    }

    private func row(_ meter: Meter, _ customer: String, _ hour: Int, _ rows: [UsageRow]) -> JSONValue {
        .object([
            "event_name": .text(meter.eventName),
            "meter": .text(meter.id),
            "customer": .text(customer),
            "hour": .integer(hour),
            "value": .number(UsageRow.aggregate(rows, meter.formula)),
            "events": .integer(rows.reduce(0) { $0 + Int($1.received) }),
            "last_identifier": .optional(rows.last?.lastIdentifier.text),
        ])
    }
}

/// Where the next page of usage begins.
private struct UsageCursor {
    let meter: String
    let customer: String
    let hour: Int

    var text: String { "\(meter)/\(customer)/\(hour)" }

    init(meter: String, customer: String, hour: Int) {
        self.meter = meter
        self.customer = customer
        self.hour = hour
    }

    init(_ text: String) throws(ControlError) {
        let parts = text.split(separator: "/")
        guard parts.count == 3, let hour = Int(parts[2]) else {
            throw ControlError("after must be the next of the page before")
        }
        self.init(meter: String(parts[0]), customer: String(parts[1]), hour: hour)
    }

    /// The first hour of a customer that is not on an earlier page; nil when all are.
    func start(_ meter: String, _ customer: String) -> Int? {
        if (meter, customer) < (self.meter, self.customer) { return nil }
        return (meter, customer) == (self.meter, self.customer) ? hour : 0
    }
}
