/// When an hour that Stripe acknowledged is compared with what it has recorded. All instants are Unix seconds.
///
/// A tenant's hours come due together, so that one request reads many of them, and tenants do not all come due at the
/// same instant: reads are counted (docs.stripe.com/rate-limits: at most 500 for each transaction of a month).
public enum CheckDue {
    /// How often one of a tenant's meters is compared, in seconds: as often as is asked for, and less often where there
    /// are more than four, so that a tenant's reads stay far below those 500 a month.
    ///
    /// - Parameter meters: how many of them are billed.
    public static func interval(_ asked: Int64, meters: Int) -> Int64 { asked * max(1, (Int64(meters) + 3) / 4) }

    /// The next of the tenant's own instants, one every `interval`, at which the summary is sure to have the hour; or
    /// as soon as it is, when that instant comes after the books of the hour's period have closed.
    ///
    /// - Parameters:
    ///   - hour: hours since the Unix epoch.
    ///   - tenant: its id.
    ///   - now: the present, in which Stripe said yes.
    ///   - lag: how long Stripe's summaries may follow behind, in seconds.
    ///   - interval: seconds between two comparisons of one tenant, above 0.
    ///   - booksClose: from when on nothing can be sent to the hour any more; nil when that is not known.
    public static func of(
        hour: Int64, tenant: String, now: Int64, lag: Int64, interval: Int64, booksClose: Int64? = nil
    ) -> Int64 {
        precondition(interval > 0 && lag >= 0, "interval must be above 0, and lag at least 0")
        let earliest = max((hour + 1) * 3600, now) + lag
        let offset = Int64(spread(of: tenant) % UInt64(interval))
        let passed = (earliest - offset).quotientRoundedUp(by: interval)
        let due = passed * interval + offset
        guard let booksClose, due >= booksClose, earliest < booksClose else { return due }
        return earliest
    }

    /// 64-bit FNV-1a of a text: the same on every host and at every start.
    public static func spread(of text: String) -> UInt64 {
        text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }
}

extension Int64 {
    /// Towards positive infinity; the divisor is above 0.
    fileprivate func quotientRoundedUp(by divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder > 0 ? quotient + 1 : quotient
    }
}
