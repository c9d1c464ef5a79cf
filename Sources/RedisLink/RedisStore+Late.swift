extension RedisStore {
    /// Makes the late row of a period, whose books have closed, in the next period's first hour, and settles the
    /// period's owed hours by it. Nil when the claim is lost; otherwise how many were settled: not those whose total
    /// has changed since, or of which a send is under way.
    ///
    /// - Parameters:
    ///   - first: the first hour of the next period.
    ///   - period: the start of the period whose books have closed, Unix seconds.
    ///   - amount: what that period lacks at Stripe; below zero for what it has too much.
    ///   - hours: the owed hours, as they were when the amount was made.
    public func putLate(
        first: StoredHour.Key, period: Int64, amount: Int64, settling hours: [StoredHour], claim: String
    ) async throws(StoreError) -> Int? {
        let partition = keys.partition(of: first.tenant)
        let settled =
            try await client.run(
                .latePut,
                keys: [keys.owed(partition), keys[partition].claim, dayKey(first)] + hours.map { dayKey($0.key) },
                [claim, String(first.hour), first.member, String(period), String(amount)]
                    + hours.flatMap { [String($0.key.hour), $0.key.member, String($0.total)] }
            ).number ?? 0
        return settled < 0 ? nil : Int(settled)
    }

    /// The draft invoices of these tenants, of those that have one.
    public func drafts(_ tenants: [String]) async throws(StoreError) -> [String: StoredDraft] {
        let found = try await client.pipeline(
            tenants.map { ["HGET", keys[keys.partition(of: $0)].drafts, $0] })
        var drafts: [String: StoredDraft] = [:]
        for (tenant, value) in zip(tenants, found) { drafts[tenant] = value.text.flatMap { StoredDraft($0) } }
        return drafts
    }
}

/// A tenant's draft invoice, as the webhooks of Stripe told of it.
public struct StoredDraft: Sendable, Equatable {
    /// `in_…`.
    public var invoice: String
    /// The end of the period that it bills, Unix seconds.
    public var periodEnd: Int64
    /// When Stripe finalises it, or has, Unix seconds: usage that comes later is on no invoice.
    public var finalisesAt: Int64

    /// Takes its parts as they are.
    public init(invoice: String, periodEnd: Int64, finalisesAt: Int64) {
        self.invoice = invoice
        self.periodEnd = periodEnd
        self.finalisesAt = finalisesAt
    }

    init?(_ text: String) {
        let parts = text.split(separator: " ")
        guard parts.count == 3, let end = Int64(parts[1]), let at = Int64(parts[2]) else { return nil }
        self.init(invoice: String(parts[0]), periodEnd: end, finalisesAt: at)
    }

    /// As it is kept in Redis.
    public var text: String { "\(invoice) \(periodEnd) \(finalisesAt)" }
}
