/// When an acknowledged hour is compared with what Stripe recorded. Instants are seconds since the Unix epoch.
public enum CheckDue {
    /// Some time after the hour is over, together with the tenant's other hours of some hours, so that one read serves
    /// them all; and while a mistake can still be put right on the period's invoice.
    ///
    /// - Parameters:
    ///   - hour: hours since 1970.
    ///   - tenant: its id, by which the reads of many are spread.
    ///   - now: the present.
    ///   - lag: how long Stripe's summaries follow behind.
    ///   - interval: how often a tenant's hours are compared, above 0.
    ///   - booksClose: when nothing more is sent to the hour's period; nil for never.
    public static func of(
        hour: Int64, tenant: String, now: Int64, lag: Int64, interval: Int64, booksClose: Int64?
    ) -> Int64 {
        let earliest = max(now, (hour + 1) * 3600) + lag
        var spread: Int64 = 0
        for byte in tenant.utf8 { spread = (spread &* 31 &+ Int64(byte)) & 0x7FFF_FFFF }
        let offset = spread % interval
        let due = ((earliest - offset + interval - 1) / interval) * interval + offset
        guard let booksClose, booksClose < due else { return due }
        // Half of what is left, so that an hour that is sent again arrives in time.
        return max(earliest, min(due, now + (booksClose - now) / 2))
    }
}
