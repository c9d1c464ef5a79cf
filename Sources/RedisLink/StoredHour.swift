/// An hour of one tenant and meter that is owed to Stripe, as Redis has it.
public struct StoredHour: Sendable, Hashable {
    /// Which hour it is.
    public struct Key: Sendable, Hashable {
        /// The tenant.
        public let tenant: String
        /// The meter.
        public let meter: String
        /// Hours since 1970, UTC.
        public let hour: Int64

        /// An hour of a tenant and meter.
        public init(tenant: String, meter: String, hour: Int64) {
            self.tenant = tenant
            self.meter = meter
            self.hour = hour
        }

        /// Takes a member of the owed set apart.
        init?(member: String) {
            let parts = member.split(separator: " ", omittingEmptySubsequences: false)
            guard parts.count == 3, let hour = Int64(parts[0]) else { return nil }
            self.init(tenant: String(parts[2]), meter: String(parts[1]), hour: hour)
        }

        var member: String { KeySpace.owedMember(hour: hour, meter: meter, tenant: tenant) }
    }

    /// Which hour it is.
    public let key: Key
    /// What was counted in it, over all holders.
    public let usage: Int64
    /// The same without what was given back.
    public let consumed: Int64
    /// What is late for earlier periods and goes out with this hour, by the period's start (Unix seconds).
    public let lateRows: [Int64: Int64]
    /// What Stripe acknowledged last; 0 before the first time.
    public let acknowledged: Int64
    /// The name of the life of Redis in which it did; nil before the first time, 0 where Stripe has refused a send
    /// since, so that another may have come through that nobody knows of.
    public let acknowledgedIn: Int64?
    /// The identifier of the event that was acknowledged last; nil when there is none, and once it was compared.
    public let identifier: String?
    /// The total of the hour that goes out with the next period; nil for one that does not.
    public let settledLate: Int64?
    /// The start of the period that it was late for, Unix seconds.
    public let latePeriod: Int64?
    /// What is not billed with it: what an operator wrote off, and what another customer or meter was billed.
    public let dropped: Int64
    /// The part of that which the same subscription item was billed in the period before, when the edge between them
    /// came into the hour unforeseen.
    public let earlier: Int64
    /// What other hours of its period carry of its credit; below zero in those that do.
    public let lent: Int64
    /// What of its credit an operator wrote off, and what of another's it carried at the customer or item of before.
    public let waived: Int64
    /// Where it was sent last: a meter and a customer, or a subscription item; nil before the first time.
    public let destination: String?
    /// What it was stamped with, Unix seconds: the hour's start, or of a usage record a period's edge in the hour; nil
    /// before the first.
    public let stamp: Int64?
    /// Of a meter that adds: up to where ranges were cut and settled, and the range that is not settled.
    public let cut: Int64?
    /// The range that was cut and has not been settled.
    public let range: Range?
    /// Until when a send of it may be under way, in microseconds of Redis's clock; in the past, one has ended without
    /// an answer. Nil when all were answered.
    public let sendingUntil: Int64?

    /// A part of an hour's total, sent to a meter that adds.
    public struct Range: Sendable, Hashable {
        /// The identifier of its event, the same at each attempt.
        public let identifier: String
        /// Where it begins.
        public let from: Int64
        /// Where it ends; below `from` when usage was given back.
        public let to: Int64
    }

    /// What is late for earlier periods, in all.
    public var late: Int64 { lateRows.values.reduce(0, +) }

    /// What was counted in it, with what goes out with it of earlier periods and of its own.
    public var counted: Int64 { max(0, usage) + late + lent }

    /// What Stripe is to hold for the hour, as `Scripts/hour_total.lua` has it.
    public var total: Int64 {
        let billable = max(0, usage) + max(0, late)
        return max(0, billable - (dropped - earlier)) - earlier + min(0, late) + lent + waived
    }

    /// The most that was ever to be sent of it; nil where that is not known, as late usage or a credit has changed it.
    public var mostSent: Int64? { lateRows.isEmpty && lent == 0 ? consumed : nil }

    /// What is written off of it where an operator saw the total `seen` and Stripe has so much of it: of a credit as
    /// well, which is below zero, and nothing that came since.
    public func writeOff(seen: Int64, has: Int64) -> Int64 {
        total < 0 ? min(0, max(total, seen) - has) : max(0, min(total, seen) - has)
    }

    /// Whether nothing of it went elsewhere than to a subscription item.
    public func isOf(_ item: String) -> Bool { destination == nil || destination == item }

    /// What a subscription item was billed of it in the period that ended at `edge`, an instant within it (Unix
    /// seconds).
    public func billed(_ item: String, before edge: Int64) -> Int64 {
        guard isOf(item) else { return 0 }
        return earlier + (stamp.map { $0 < edge } ?? false ? max(0, acknowledged) : 0)
    }

    /// Whether the period that began at `start` (Unix seconds) has what was acknowledged of it: of its first hour the
    /// one before may have it.
    public func isBilled(from start: Int64) -> Bool { stamp.map { $0 >= start } ?? true }

    /// What a subscription item was billed of it in the period that began at `start` (Unix seconds).
    public func billed(_ item: String, from start: Int64) -> Int64 {
        isOf(item) && isBilled(from: start) ? max(0, acknowledged) : 0
    }

    init(key: Key, day: [String: String]) {
        let hour = KeySpace.hourOfDay(key.hour)
        func parts(_ field: String) -> [Substring] { day["\(hour)=\(field)"]?.split(separator: " ") ?? [] }
        self.key = key
        var (usage, consumed, lateRows): (Int64, Int64, [Int64: Int64]) = (0, 0, [:])
        for (field, value) in day where field.hasPrefix(hour) {
            let (name, number) = (field.dropFirst(hour.count), Int64(value) ?? 0)
            if name.first == ":" { (usage, consumed) = (usage + number, consumed + max(0, number)) }
            if name.first == "^", let period = Int64(name.dropFirst()) { lateRows[period] = number }
        }
        (self.usage, self.consumed, self.lateRows) = (usage, consumed, lateRows)
        let acked = parts("acked").map { Int64($0) }
        acknowledged = acked.first.flatMap { $0 } ?? 0
        acknowledgedIn = acked.count == 2 ? acked[1] : nil
        identifier = day[hour + "=id"]
        let settled = parts("late").compactMap { Int64($0) }
        settledLate = settled.first
        latePeriod = settled.count == 2 ? settled[1] : nil
        let place = day[hour + "=to"]?.split(separator: "@")
        destination = place?.first.map { String($0) }
        stamp = place.map { $0.count == 2 ? Int64($0[1]) ?? key.hour * 3600 : key.hour * 3600 }
        dropped = parts("dropped").first.flatMap { Int64($0) } ?? 0
        earlier = parts("earlier").first.flatMap { Int64($0) } ?? 0
        lent = parts("lent").first.flatMap { Int64($0) } ?? 0
        waived = parts("waived").first.flatMap { Int64($0) } ?? 0
        cut = parts("cut").first.flatMap { Int64($0) }
        let piece = parts("range")
        range =
            if piece.count >= 3, let from = Int64(piece[1]), let to = Int64(piece[2]) {
                Range(identifier: String(piece[0]), from: from, to: to)
            } else { nil }
        sendingUntil = parts("send").last.flatMap { Int64($0) }
    }
}
