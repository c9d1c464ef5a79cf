/// The record of one tenant: what an operator or Stripe has said about it. Usage is not in here.
public struct Tenant: Sendable, Equatable {
    /// The instants a record may hold: from 1970 to the end of the year 9999, in Unix seconds.
    public static let instants: ClosedRange<Int64> = 0...253_402_300_799

    /// The tenant's id, see ``Identifier/isTenantID(_:)-(String)``.
    public let id: String
    /// Raised by the store on each change; compared for equality only.
    public let version: Int64
    /// The slug of its plan. The catalogue may have lost that plan since.
    public var plan: String
    /// The Stripe customer that is billed.
    public var customer: String?
    /// The Stripe subscription that the status and period are from.
    public var subscription: String?
    /// The status of that subscription; nil for a tenant without one, which simply has its plan.
    public var status: SubscriptionStatus?
    /// The start of the subscription's current period, in Unix seconds; nil exactly if ``periodEnd`` is.
    public private(set) var periodStart: Int64?
    /// The end of the subscription's current period, exclusive, in Unix seconds.
    public private(set) var periodEnd: Int64?
    /// The instant whose day of the month is the billing day, in Unix seconds, see ``BillingAnchor``.
    public private(set) var anchor: Int64?
    /// The start of the first subscription period that was put, in Unix seconds: what was used before is on no invoice.
    public private(set) var billedSince: Int64?
    /// The tenant's own limits by meter name, in place of the values of its plan.
    public var limits: [String: LimitOverride]
    /// That every call is refused; nil for a tenant that is not restricted.
    public var restriction: Restriction?
    /// Units given to it, of all counters, in the order of their names.
    public var grants: [Grant] = []
    /// When the record was first put, in Unix seconds.
    public let createdAt: Int64

    /// A new record, without a subscription.
    public init(id: String, version: Int64 = 0, plan: String, createdAt: Int64) {
        self.id = id
        self.version = version
        self.plan = plan
        self.limits = [:]
        self.createdAt = createdAt
    }

    /// Puts the subscription's current period. The anchor is kept while the new start is one of its monthly edges, so
    /// that a subscription born on 31 January is still anchored on the 31st after its February; otherwise the new
    /// start is the new anchor.
    ///
    /// - Throws: If the instants are out of ``instants`` or not in order.
    public mutating func setPeriod(start: Int64, end: Int64) throws(TenantRecordError) {
        try checkInstant(start, field: "period_start")
        try checkInstant(end, field: "period_end")
        guard start < end else {
            throw TenantRecordError(
                tenant: id, field: "period_end", problem: "\(end) is not after period_start, \(start)")
        }
        if start != periodStart {
            // In whichever period they are now, somebody has to see to it.
            for index in grants.indices { grants[index].periodEnd = min(grants[index].periodEnd, start) }
        }
        anchor = BillingAnchor.following(anchor.map { BillingAnchor($0) }, periodStart: start).instant
        periodStart = start
        periodEnd = end
        billedSince = min(billedSince ?? start, start)
    }

    /// Puts the billing day as the subscription states it. One from which neither edge of the current period follows,
    /// month by month, says nothing of it: then the billing day stays.
    ///
    /// - Throws: If it is out of ``instants``.
    public mutating func setAnchor(_ instant: Int64) throws(TenantRecordError) {
        try checkInstant(instant, field: "anchor")
        let stated = BillingAnchor(instant)
        guard [periodStart, periodEnd].contains(where: { $0.map(stated.contains) ?? false }) else { return }
        anchor = instant
    }

    /// Forgets the subscription's period; the billing day stays.
    public mutating func clearPeriod() {
        periodStart = nil
        periodEnd = nil
        billedSince = nil
    }

    /// Puts what a stored record says, without deriving an anchor.
    mutating func restorePeriod(
        start: Int64?, end: Int64?, anchor: Int64?, billedSince: Int64? = nil
    ) throws(TenantRecordError) {
        guard (start == nil) == (end == nil) else {
            throw TenantRecordError(
                tenant: id, field: start == nil ? "period_start" : "period_end",
                problem: "is missing: a period has a start and an end")
        }
        if let start, let end {
            try setPeriod(start: start, end: end)
            if let billedSince { self.billedSince = min(billedSince, start) }
        }
        if let anchor {
            try checkInstant(anchor, field: "anchor")
        }
        self.anchor = anchor ?? self.anchor
    }

    private func checkInstant(_ instant: Int64, field: String) throws(TenantRecordError) {
        guard Tenant.instants.contains(instant) else {
            throw TenantRecordError(
                tenant: id, field: field,
                problem: "\(instant) is not a time from 1970 to 9999 in Unix seconds")
        }
    }
}
