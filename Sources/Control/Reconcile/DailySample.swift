/// Which tenants a daily comparison asks Stripe for, and how much it may still ask.
struct DailySample: Sendable {
    let day: Int64
    let shares: UInt64
    /// Reads that are left.
    var reads: Int
    /// Tenants that were asked for.
    var tenants = 0
    /// Whether it was cut short: from then on nothing is asked.
    var isCut = false
    /// The tenant behind which the share's next turn begins; nil for the beginning.
    var cut: String?

    init(day: Int64, shares: UInt64, reads: Int) {
        self.day = day
        self.shares = shares
        self.reads = reads
    }

    /// Whether a tenant is asked for; it is counted then.
    mutating func takes(_ tenant: String) -> Bool {
        guard !isCut, DailyReconcile.isTurn(of: tenant, day: day, shares: shares) else { return false }
        tenants += 1
        return true
    }
}
