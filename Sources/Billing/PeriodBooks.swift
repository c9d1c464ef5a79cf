/// Until when usage of a period still reaches the invoice of that period. Instants are seconds since the Unix epoch.
public enum PeriodBooks {
    /// A renewal's invoice is a draft for about an hour before Stripe finalises it, unless the account says otherwise
    /// (docs.stripe.com/billing/subscriptions/usage-based/configure-grace-period).
    public static let finalisationDelay: Int64 = 3_600
    /// Usage records are taken for some minutes after the period's end, and only by prices that sum
    /// (docs.stripe.com/api/usage_records/create of 2024-12-18.acacia).
    public static let usageRecordGrace: Int64 = 120

    /// When nothing more is sent to the hours of a period.
    ///
    /// - Parameters:
    ///   - periodEnd: its exact end.
    ///   - finalisesAt: when Stripe finalises the draft invoice, if that is known.
    ///   - margin: how long before that the books are closed, at least 0, so that what was sent last is recorded.
    ///   - isUsageRecord: whether usage goes out as usage records.
    public static func close(periodEnd: Int64, finalisesAt: Int64?, margin: Int64, isUsageRecord: Bool) -> Int64 {
        if isUsageRecord { return periodEnd + usageRecordGrace }
        return max(periodEnd, (finalisesAt ?? periodEnd + finalisationDelay) - margin)
    }
}
