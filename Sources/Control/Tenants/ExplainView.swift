import Foundation
import Metering
import RedisLink

/// Why a tenant's calls are answered as they are, in the API's words.
struct ExplainView {
    /// Its record; nil without one.
    let tenant: Tenant?
    let catalogue: Catalogue
    let entitlement: Entitlement
    /// What this daemon's gate knows; nil when it does not say.
    let gate: TenantReading?
    /// Unix microseconds, by Redis's clock.
    let now: Int64
    /// The grants of all meters, as the API shows them.
    var grants: [JSONValue] = []

    private var second: Int64 { now / 1_000_000 }

    // MARK: - Plan and access

    var plan: JSONValue {
        .object([
            "slug": .optional(entitlement.plan?.slug), "name": .optional(entitlement.plan?.name),
            "from": .string(catalogue.planOrigin(of: tenant).rawValue), "why": .string(planReason),
        ])
    }

    private var planReason: String {
        guard let tenant else {
            return catalogue.defaultPlan == nil
                ? "nobody has put the tenant, and the catalogue has no default_plan"
                : "nobody has put the tenant, so it has the catalogue's default_plan"
        }
        let status = tenant.status.map { ", and its subscription is \($0.rawValue)" } ?? ""
        switch catalogue.planOrigin(of: tenant) {
        case .record: return "its record names it\(status)"
        case .statusRule, .defaultPlan:
            return "its subscription is \(tenant.status?.rawValue ?? "over"): the default_plan takes the place of "
                + tenant.plan
        case .none:
            return catalogue.plan(tenant.plan) == nil
                ? "its record names \(tenant.plan), which the catalogue does not have\(status)"
                : "its subscription is \(tenant.status?.rawValue ?? "over"), and the catalogue has no default_plan"
        }
    }

    var access: JSONValue {
        let why =
            switch entitlement.access {
            case .ok: "limits decide"
            case .restricted: "the tenant is restricted: \(restriction)"
            case .unknownTenant, .noSubscription: planReason
            }
        return .object(["answer": .string(entitlement.access.refusal?.rawValue ?? "ok"), "why": .string(why)])
    }

    private var restriction: String {
        guard let restriction = tenant?.restriction else { return "" }
        let until = restriction.until.map { " (until \(InstantText.text($0)))" } ?? ""
        return restriction.reason + until
    }

    // MARK: - One meter

    func fields(_ row: UsageReading.Row) -> [String: JSONValue] {
        let meter = row.meter
        let own = tenant?.limits[meter.name]
        var fields = UsageView.fields(row)
        fields["in_plan"] = .bool(row.limit != nil)
        fields["plan_limit"] = .optional(entitlement.plan?.limits[meter.name]?.value)
        fields["override"] = own.map { override($0, of: meter) } ?? .null
        fields["grants"] = .array(grants.filter { isOf(meter, $0) })
        fields["limit_why"] = .string(limitReason(row, own: own))
        fields["on_store_failure"] = .optional(row.limit?.onStoreFailure.rawValue)
        fields["lease"] = .string(row.limit?.leaseOff == true ? "off" : "on")
        let origin = row.period.flatMap { PeriodOrigin(of: meter, period: $0, tenant: tenant) }
        fields["period_from"] = .optional(origin?.rawValue)
        fields["period_why"] = .optional(origin.map(periodReason))
        if let stored = row.stored { fields.merge(leases(stored)) { $1 } }
        if let level = row.level {
            fields["set_at"] = UsageView.instant(microseconds: level.setAt)
            fields["set_by"] = .optional(level.holder)
        }
        if meter.kind == .rate {
            fields["cells_in_hand"] = .integer(gate?.rates.first { $0.meter == meter.name }?.cells ?? 0)
        }
        return fields
    }

    private func override(_ own: LimitOverride, of meter: Meter) -> JSONValue {
        .object([
            "meter": .string(meter.name), "value": .integer(own.value), "until": UsageView.instant(own.until),
            "expired": .bool(!own.isInForce(at: second)), "by": .optional(own.by), "reason": .optional(own.reason),
            "set_at": UsageView.instant(own.setAt),
        ])
    }

    private func isOf(_ meter: Meter, _ grant: JSONValue) -> Bool {
        if case .object(let fields) = grant { fields["meter"] == .string(meter.name) } else { false }
    }

    private func limitReason(_ row: UsageReading.Row, own: LimitOverride?) -> String {
        guard row.limit != nil else {
            if let plan = entitlement.plan {
                let ignored = own == nil ? "" : "; its own limit counts for nothing without that"
                return "\(plan.slug) does not name the meter: calls are refused as not_in_plan\(ignored)"
            }
            return "the tenant has no plan"
        }
        guard let own else { return "the plan's" }
        let until = own.until.map { InstantText.text($0) }
        guard own.isInForce(at: second) else { return "the plan's: the tenant's own ran out at \(until ?? "its end")" }
        let end = until.map { " until \($0)" } ?? ""
        return "the tenant's own\(end), in place of the plan's" + (own.reason.map { ": \($0)" } ?? "")
    }

    private func periodReason(_ origin: PeriodOrigin) -> String {
        let zone = catalogue.timeZone == .gmt ? "UTC" : catalogue.timeZone.identifier
        switch origin {
        case .clock: return "whole minutes and hours of UTC"
        case .zoneDay: return "days in \(zone)"
        case .calendarMonth: return "calendar months in \(zone): the record has no billing day"
        case .anchor:
            return "months from the billing day of \(tenant?.anchor.map { InstantText.text($0) } ?? "the record")"
        case .subscription: return "the subscription's period, as the record has it"
        case .rolledSubscription:
            return "reckoned on from the subscription's last known period, to "
                + (tenant?.periodEnd.map { InstantText.text($0) } ?? "its end")
        case .endless: return "what is in flight never starts anew"
        }
    }

    /// What Redis has of the leases, and this daemon's own of them as it knows better.
    private func leases(_ stored: StoredUsage) -> [String: JSONValue] {
        [
            "store": .object(["used": .integer(stored.used), "held": .integer(stored.held)]),
            "holders": .array(stored.rows.map(holder)),
            "waiting": .array(
                stored.waiting.map {
                    .object([
                        "holder": .string($0.holder), "need": .integer($0.need),
                        "for_ms": .integer(max(0, ($0.deadline - now) / 1000)),
                    ])
                }),
        ]
    }

    private func holder(_ row: StoredUsage.Row) -> JSONValue {
        let reserved = row.reserved(at: now)
        // Redis keeps a lease for so long from its last word on.
        let heard = gate.map { row.expires - $0.leaseLength }
        return .object([
            "holder": .string(row.holder), "here": .bool(row.holder == gate?.holder),
            "granted": .integer(row.granted), "returned": .integer(row.returned), "spent": .integer(row.spent),
            "reserved": .integer(reserved), "unspent": .integer(max(0, row.held - reserved)),
            "reserved_until": reserved > 0 ? UsageView.instant(microseconds: row.reservedUntil) : .null,
            "lasts": .bool(row.expires > now), "lease_ends": UsageView.instant(microseconds: row.expires),
            "heard_at": UsageView.instant(microseconds: heard),
        ])
    }

    static func hour(_ hour: StoredHour, isBilled: Bool) -> JSONValue {
        .object([
            "hour": .string(InstantText.text(hour: hour.key.hour)), "total": .integer(hour.total),
            "acknowledged": isBilled ? .integer(hour.acknowledged) : .null,
        ])
    }

    static func owed(_ hours: [StoredHour]) -> JSONValue {
        .object([
            "hours": .integer(Int64(hours.count)),
            "units": .integer(hours.reduce(0) { $0 + abs($1.total - $1.acknowledged) }),
            "oldest": .optional(hours.first.map { InstantText.text(hour: $0.key.hour) }),
        ])
    }
}
