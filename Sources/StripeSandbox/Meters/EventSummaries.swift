import FoundationEssentials

/// The question of `GET /v1/billing/meters/{id}/event_summaries`, checked, and its rows.
struct EventSummaries {
    /// One row: the customer's usage of the meter from `start` to before `end`.
    struct Row {
        let id: String
        let start: Int
        let end: Int
        let value: Decimal
    }

    let customer: String
    let range: Range<Int>
    let grouping: Meter.Window?

    static let parameters: [Parameter] =
        [
            .required("customer", .text()),
            .required("start_time", .integer(0...SandboxClock.latest)),
            .required("end_time", .integer(0...SandboxClock.latest)),
            .optional("value_grouping_window", .choice(["day", "hour"])),
            .optional("expand", .list(.text(), maximum: 20)),
        ] + Page.parameters

    /// - Throws: 400 when the times are not aligned to the minute, or to the grouping's UTC hour or day, or do not
    ///   follow each other.
    init(_ arguments: Arguments) throws(APIError) {
        customer = try arguments.required("customer")
        grouping = arguments.text("value_grouping_window").flatMap(Meter.Window.init)
        let start = try arguments.requiredInteger("start_time")
        let end = try arguments.requiredInteger("end_time")
        let (unit, name) = grouping.map { ($0.seconds, $0.rawValue) } ?? (60, "minute")
        for (time, param) in [(start, "start_time"), (end, "end_time")] where time % unit != 0 {
            throw .invalid("\(param) must be aligned with \(name) boundaries.", param: param).beforeExecution
        }
        guard start < end else {
            throw .invalid("start_time must be before end_time.", param: "start_time").beforeExecution
        }
        range = start..<end
    }

    /// Newest first. With a grouping only windows with events have a row; without, there is always exactly one.
    func rows(of meter: Meter, _ buckets: UsageTable.Buckets) -> [Row] {
        guard let grouping else {
            let value = UsageRow.aggregate(Array(buckets.values), meter.formula)
            return [row(meter, range, value)]
        }
        let groups = Dictionary(grouping: buckets) { $0.key - $0.key % grouping.seconds }
        return groups.sorted { $0.key > $1.key }.map { start, buckets in
            let value = UsageRow.aggregate(buckets.map(\.value), meter.formula)
            return row(meter, start..<start + grouping.seconds, value)
        }
    }

    /// The id is made of what the row is about, so that it is the same on every page.
    private func row(_ meter: Meter, _ range: Range<Int>, _ value: Decimal) -> Row {
        Row(
            id: "mtrusg_test_\(meter.id.suffix(8))\(customer.suffix(8))\(range.lowerBound)\(range.upperBound)",
            start: range.lowerBound, end: range.upperBound, value: value)
    }
}
