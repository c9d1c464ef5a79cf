import Metering
import RedisLink

/// What Redis's partition and this daemon's gate know.
extension ExplainView {
    func partition(_ number: Int, _ life: StoredLife?) -> JSONValue {
        guard let life else { return .object(["number": .integer(Int64(number)), "state": .string("unborn")]) }
        return .object([
            "number": .integer(Int64(number)), "state": .string(life.learnsUntil == nil ? "known" : "learning"),
            "run": .string(life.run), "born": UsageView.instant(microseconds: life.born),
            "learns_until": UsageView.instant(microseconds: life.learnsUntil),
        ])
    }

    /// Null when the gate does not say.
    var gateView: JSONValue {
        guard let gate else { return .null }
        return .object([
            "holder": .string(gate.holder), "redis": .string(gate.isStoreConnected ? "connected" : "away"),
            "learning": .bool(gate.isLearning), "knows_record": .bool(gate.version != nil),
            "leases": .array(gate.leases.map(Self.lease)),
            "last_refusal": gate.lastRefusal.map(Self.refusal) ?? .null,
        ])
    }

    private static func lease(_ lease: TenantReading.Lease) -> JSONValue {
        let reading = lease.reading
        return .object([
            "meter": .string(reading.key.meter), "period_start": UsageView.instant(reading.key.period),
            "used": .integer(reading.used), "granted": .integer(lease.granted), "returned": .integer(lease.returned),
            "spent": .integer(lease.spent), "reserved": .integer(lease.reserved),
            "unspent": .integer(reading.unspent), "unsettled": .integer(reading.unsettled),
            "waiting": .integer(Int64(reading.waiting)), "rate": .integer(reading.rate),
            "lasts_ms": .integer(lease.lastsFor / 1000), "reserved_ms": .integer(lease.reservedFor / 1000),
        ])
    }

    private static func refusal(_ refusal: RefusalReading) -> JSONValue {
        .object([
            "at": UsageView.instant(microseconds: refusal.instant), "command": .string(refusal.command),
            "meter": .string(refusal.meter), "amount": .integer(refusal.amount),
            "reason": .string(refusal.reason.rawValue), "used": .integer(refusal.used),
            "limit": .integer(refusal.limit), "retry_after_ms": .integer(refusal.retryAfterMilliseconds),
            "decided_by": .string(refusal.source.rawValue), "why": .string(why(refusal)),
        ])
    }

    private static func why(_ refusal: RefusalReading) -> String {
        let limit = refusal.limit < 0 ? "unlimited" : String(refusal.limit)
        switch refusal.reason {
        case .limitExceeded: return "\(refusal.used) of \(limit) were used, and \(refusal.amount) did not fit"
        case .tooLarge: return "\(refusal.amount) at once is more than the limit of \(limit) ever lets through"
        case .rateLimited: return "the rate's burst was used up: \(refusal.used) cells were taken"
        case .notInPlan: return "the plan does not name the meter"
        case .restricted: return "the tenant was restricted"
        case .noSubscription: return "the tenant's subscription or record gave it no plan"
        case .unknownTenant: return "the tenant had no record, and the catalogue no default_plan"
        case .degraded: return "Redis did not decide in time, and on_store_failure refused"
        case .ok, .overage, .shadow: return "it was let through"
        }
    }
}
