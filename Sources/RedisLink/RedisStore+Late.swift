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
    ///   - dead: those that are not in it, because they are dead letters; they are owed no more.
    public func putLate(
        first: StoredHour.Key, period: Int64, amount: Int64, settling hours: [StoredHour],
        dead: Set<StoredHour.Key> = [], claim: String
    ) async throws(StoreError) -> Int? {
        let partition = keys.partition(of: first.tenant)
        var settled = 0
        let all = hours.map { ($0.key, String($0.total)) } + dead.map { ($0, "") }
        for start in stride(from: 0, to: max(1, all.count), by: Self.sendsPerScript) {
            let part = all[start..<min(start + Self.sendsPerScript, all.count)]
            let answer =
                try await client.run(
                    .latePut,
                    keys: [
                        keys.owed(partition), keys.life(partition), keys[partition].claim, keys[partition].dead,
                        dayKey(first),
                    ] + part.map { dayKey($0.0) },
                    [claim, String(first.hour), first.member, String(period), String(amount)]
                        + part.flatMap { [String($0.0.hour), $0.0.member, $0.1] }
                ).number ?? 0
            guard answer >= 0 else { return nil }
            settled += Int(answer)
        }
        return settled
    }

    /// Lets other hours of a period of usage records carry what of it is below zero, as far as they have usage. Nil
    /// when the claim is lost; otherwise how many units were moved, and how many hours are owed that were not.
    ///
    /// - Parameters:
    ///   - first: the period's first hour, which lends.
    ///   - from: hours before this one stay as they are, hours since 1970.
    ///   - end: those from this one on as well; at most 39 days after `from`.
    ///   - item: where they are sent.
    public func lendCredit(
        first: StoredHour.Key, from: Int64, end: Int64, item: String, claim: String
    ) async throws(StoreError) -> (moved: Int64, newlyOwed: Int64)? {
        let partition = keys.partition(of: first.tenant)
        let days = from / 24...max(from, end - 1) / 24
        let answer = try await client.run(
            .creditLend,
            keys: [keys.owed(partition), keys.life(partition), keys[partition].claim, keys[partition].dead]
                + [dayKey(first)] + days.map { keys.day(first.tenant, first.meter, day: $0) },
            [
                claim, String(first.hour), String(from), String(end), "\(first.meter) \(first.tenant)", item,
            ]
        ).elements.compactMap(\.number)
        return answer.count == 2 ? (answer[0], answer[1]) : nil
    }

    /// Which of these hours are dead letters.
    public func dead(among hours: [StoredHour.Key]) async throws(StoreError) -> Set<StoredHour.Key> {
        let found = try await client.pipeline(
            hours.map { ["HEXISTS", keys[keys.partition(of: $0.tenant)].dead, $0.member] })
        return Set(zip(hours, found).filter { $0.1.number == 1 }.map(\.0))
    }

    /// The draft invoices of these tenants, of those that have one.
    public func drafts(_ tenants: [String]) async throws(StoreError) -> [String: StoredDraft] {
        let found = try await client.pipeline(
            tenants.map { ["HMGET", keys[keys.partition(of: $0)].drafts, $0, "\($0)=read"] })
        var drafts: [String: StoredDraft] = [:]
        for (tenant, value) in zip(tenants, found) {
            var draft = value.elements.first?.text.flatMap { StoredDraft($0) }
            draft?.readAt = (value.elements.last?.text.flatMap { Int64($0) } ?? 0) / 1_000_000
            drafts[tenant] = draft
        }
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
    /// When that was read at Stripe, Unix seconds of Redis's clock.
    public var readAt: Int64 = 0

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
