import Metering

extension ControlAPI {
    /// What the gate's own counts are called on the metrics page, before the names that `INFO` has for them.
    private static let gatePrefix = "tollgate_gate_"

    /// The leases of this daemon's gate that are spent fastest, or nearest their limits, and the gate's counts. Two
    /// answers make rates of the counts: `clock_us` says how far apart they are.
    func showTop(_ request: ControlRequest) async throws -> ControlAnswer {
        try request.allowQuery("sort", "limit")
        let limit = try request.pageLimit()
        let text = request.query["sort"] ?? SurveyRequest.Order.rate.rawValue
        guard let order = SurveyRequest.Order(rawValue: text) else {
            throw Problem.badRequest("sort is rate or share, not \"\(text)\"", code: "bad_sort")
        }
        guard let survey = await context.survey(SurveyRequest(order: order, limit: limit)) else {
            throw Problem.unavailable("the gate does not say how its leases stand: ask again", code: "gate")
        }
        return .json(
            JSONValue.object([
                "leases": .array(survey.readings.map(Self.view)), "seen": .integer(Int64(survey.seen)),
                "cut": .bool(survey.isCut), "clock_us": .integer(survey.instant), "gate": .object(gateCounts),
            ]))
    }

    private var gateCounts: [String: JSONValue] {
        var counts: [String: JSONValue] = [:]
        for metric in context.metrics() where metric.name.hasPrefix(Self.gatePrefix) {
            var name = metric.name.dropFirst(Self.gatePrefix.count)
            if metric.kind == .counter, name.hasSuffix("_total") { name = name.dropLast("_total".count) }
            if let sample = metric.samples.first, let count = Int64(exactly: sample.value) {
                counts[String(name)] = .integer(count)
            }
        }
        return counts
    }

    private static func view(_ reading: LeaseReading) -> JSONValue {
        .object([
            "tenant": .string(reading.key.tenant), "meter": .string(reading.key.meter), "used": .integer(reading.used),
            "limit": .integer(reading.limit), "mode": .string(reading.mode.rawValue),
            "percent": reading.share.map { .number(($0 * 1000).rounded() / 10) } ?? .null,
            "rate": .integer(reading.rate), "unspent": .integer(reading.unspent),
            "unsettled": .integer(reading.unsettled), "waiting": .integer(Int64(reading.waiting)),
            "period_end": .string(InstantText.text(reading.periodEnd)), "threshold": .optional(reading.threshold),
        ])
    }
}
