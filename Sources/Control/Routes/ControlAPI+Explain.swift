import Metering
import RedisLink

extension ControlAPI {
    /// As long as an hour may be owed before Stripe does not take it any more, and a day for the time it takes.
    private static let owedHours: Int64 = 36 * 24

    /// Why a tenant's calls are answered as they are: of the meter that is asked for, or of all in its plan.
    func explainTenant(_ request: ControlRequest) async throws -> ControlAnswer {
        try request.allowQuery("meter")
        let id = request.parameter("id")
        try Self.checkID(id)
        let catalogue = context.catalogue()
        let chosen = try request.query["meter"].map { (name) throws(Problem) in try Self.meter(name, catalogue) }
        // What was used a moment ago is used.
        _ = await context.settle()
        let gate = await context.explain(id)
        let record = try await record(of: id)
        let now = try await context.store.time()
        let second = now / 1_000_000
        let entitlement = catalogue.entitlement(of: record?.tenant, at: second)
        let rows = try await UsageReading(store: context.store, catalogue: catalogue)
            .rows(of: id, record?.tenant, entitlement, at: now, meters: chosen.map { [$0] })
        var view = ExplainView(
            tenant: record?.tenant, catalogue: catalogue, entitlement: entitlement, gate: gate, now: now)
        if let tenant = record?.tenant, case .array(let grants) = try await grants(of: tenant, at: second) {
            view.grants = grants
        }
        var meters: [JSONValue] = []
        for row in rows { meters.append(try await explain(row, of: id, view)) }
        let others = chosen == nil ? catalogue.meters.filter { entitlement.plan?.limits[$0.name] == nil } : []
        return .json(
            JSONValue.object([
                "tenant": .string(id), "as_of": UsageView.instant(microseconds: now),
                "record": record.map { TenantView.record($0.stored, at: second) } ?? .null, "plan": view.plan,
                "access": view.access, "meters": .array(meters),
                "not_in_plan": .array(others.map { .string($0.name) }),
                "partition": view.partition(
                    context.store.keys.partition(of: id), try await context.store.life(of: id)),
                "gate": view.gateView,
            ]))
    }

    private func explain(
        _ row: UsageReading.Row, of id: String, _ view: ExplainView
    ) async throws(StoreError) -> JSONValue {
        var fields = view.fields(row)
        guard row.meter.kind == .counter else { return .object(fields) }
        let hour = view.now / 3_600_000_000
        let today = try await context.store.hours(id, row.meter.name, day: hour / 24)
        fields["today"] = .array(today.map { ExplainView.hour($0, isBilled: row.meter.stripe != nil) })
        if row.meter.stripe != nil {
            let owed = try await context.store.owedHours(
                id, row.meter.name, in: max(0, hour - Self.owedHours)...hour)
            fields["owed"] = ExplainView.owed(owed)
        }
        return .object(fields)
    }

    private static func meter(_ name: String, _ catalogue: Catalogue) throws(Problem) -> Meter {
        guard let meter = catalogue.meter(name) else {
            let known = catalogue.meters.map(\.name).joined(separator: ", ")
            throw .badRequest("no meter named \"\(name)\" in the plan catalogue: \(known)", code: "unknown_meter")
        }
        return meter
    }
}
