/// How the sharing of partitions stands, for `/metrics`.
struct ClaimStatus: Sendable {
    /// Partitions that this daemon sends for.
    var claimed = 0
    /// Daemons that share them, this one among them; 0 before Redis said it, and while it does not.
    var flushers = 0

    var metrics: [Metric] {
        [
            Metric(
                "tollgate_claimed_partitions", help: "Partitions whose hours this daemon sends to Stripe.",
                kind: .gauge, Double(claimed)),
            Metric(
                "tollgate_flushers", help: "Daemons that share the partitions, as this one sees it.", kind: .gauge,
                Double(flushers)),
        ]
    }
}
