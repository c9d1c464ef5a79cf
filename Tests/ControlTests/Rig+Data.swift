import Metering
import RedisLink

@testable import Control

extension AuditNote {
    /// What is told of a change that a test makes by itself.
    static let test = AuditNote(action: "tenant.put", actor: "uid:0")
}

extension Rig {
    /// Counters, a rate, a level and a counter that is not billed; the plans starter (with prices) and free.
    static let catalogue = Catalogue(
        meters: [
            Meter(
                name: "messages", kind: .counter, cycle: .period, unit: "message",
                stripe: StripeMeter(eventName: "messages_used")),
            Meter(name: "tokens", kind: .counter, cycle: .day),
            Meter(name: "requests", kind: .rate, cycle: .minute),
            Meter(name: "seats", kind: .level),
        ],
        plans: [
            Plan(
                slug: "starter", name: "Starter", prices: ["monthly": "price_1"], features: ["export"],
                limits: [
                    "messages": Limit(value: 1000), "tokens": Limit(value: 50, mode: .overage),
                    "requests": Limit(value: 60), "seats": Limit(value: 5),
                ]),
            Plan(slug: "free", name: "Free", limits: ["messages": Limit(value: 10)]),
        ],
        defaultPlan: "free")

    /// The catalogue with these meters billed so.
    static func billing(_ billed: [String: StripeMeter]) -> Catalogue {
        Catalogue(
            meters: catalogue.meters.map { meter in
                var meter = meter
                meter.stripe = billed[meter.name]
                return meter
            }, plans: catalogue.plans, defaultPlan: "free")
    }

    /// A flusher of its own, whose rounds run only when asked.
    func flusher(_ context: ControlContext? = nil) -> Flusher {
        let context = context ?? self.context
        let claims = context.stripe.map { _ in
            PartitionClaims(
                store: context.store, name: context.flusherName, clock: context.clock, logger: context.logger)
        }
        return Flusher(context: context, configuration: configuration, claims: claims)
    }

    /// Writes an hour's totals as the gate's script does.
    func owe(
        _ tenant: String, _ meter: String = "messages", hour: Int64 = Rig.hour - 1, total: Int64
    ) async throws {
        let keys = store.keys
        let day = keys.day(tenant, meter, day: hour / 24)
        _ = try await store.client.command(
            ["HSET", day, "\(KeySpace.hourOfDay(hour)):h1", String(total)])
        _ = try await store.client.command(
            [
                "ZADD", keys.owed(keys.partition(of: tenant)), "0",
                KeySpace.owedMember(hour: hour, meter: meter, tenant: tenant),
            ])
    }

    /// Writes a tenant's record.
    func put(
        _ id: String, plan: String = "starter", customer: String? = "cus_1", period: (Int64, Int64)? = nil,
        subscription: String? = nil
    ) async throws {
        var tenant = Tenant(id: id, plan: plan, createdAt: 1_700_000_000)
        tenant.customer = customer.map { $0 == "cus_1" ? "cus_\(id)" : $0 }
        tenant.subscription = subscription
        if let period {
            // It has been billed for long.
            try tenant.setPeriod(start: period.0 - 90 * 86_400, end: period.0)
            try tenant.setPeriod(start: period.0, end: period.1)
        }
        _ = try await store.putTenant(id, fields: tenant.fields, replacing: "*", noting: .test)
    }

    /// The owed hours of a tenant as they stand.
    func owed(_ tenant: String) async throws -> [StoredHour] {
        let partition = store.keys.partition(of: tenant)
        return try await store.owedHours(partition: partition, after: nil, limit: 1000)
            .filter { $0.key.tenant == tenant }
    }

    /// Marks an hour as being sent by another daemon for a minute.
    func mark(_ key: StoredHour.Key) async throws {
        let until = try await store.time() + 60_000_000
        _ = try await store.client.command(
            [
                "HSET", store.keys.day(key.tenant, key.meter, day: key.hour / 24),
                "\(KeySpace.hourOfDay(key.hour))=send", "other \(until)",
            ])
    }
}
