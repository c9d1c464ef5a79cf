/// How the comparing of closed hours is, for `/metrics`. Counts are since the start.
struct CheckStatus: Sendable, Equatable {
    /// Hours that Stripe has as it acknowledged them.
    var equal = 0
    /// Hours that it has not, which were made owed again.
    var mismatched = 0
    /// Tenants' meters that could not be read, and rounds that ended because Stripe could not.
    var failed = 0
    /// Reads of Stripe.
    var reads = 0

    var metrics: [Metric] {
        [
            Metric(
                "tollgate_stripe_checked_hours_total",
                help: "Closed hours compared with Stripe and found as acknowledged.", kind: .counter, Double(equal)),
            Metric(
                "tollgate_stripe_mismatched_hours_total",
                help: "Closed hours that Stripe had not as acknowledged; they are owed again.", kind: .counter,
                Double(mismatched)),
            Metric(
                "tollgate_stripe_check_failures_total", help: "Comparisons with Stripe that could not be made.",
                kind: .counter, Double(failed)),
            Metric(
                "tollgate_stripe_check_reads_total", help: "Reads of Stripe for comparing closed hours.",
                kind: .counter, Double(reads)),
        ]
    }
}
