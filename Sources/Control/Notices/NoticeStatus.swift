/// How delivering notices goes, for `/metrics`.
struct NoticeStatus: Sendable {
    /// Whether this daemon is the one that delivers.
    var isHolder = false
    /// Since the start.
    var delivered = 0
    var failed = 0
    var dropped = 0

    var metrics: [Metric] {
        [
            Metric(
                "tollgate_notifier", help: "Whether this daemon is the one that delivers notices.", kind: .gauge,
                isHolder ? 1 : 0),
            Metric("tollgate_notices_delivered_total", help: "Notices delivered.", kind: .counter, Double(delivered)),
            Metric(
                "tollgate_notices_failed_total", help: "Attempts to deliver a notice that did not end with a yes.",
                kind: .counter, Double(failed)),
            Metric(
                "tollgate_notices_dropped_total", help: "Notices given up after a day.", kind: .counter,
                Double(dropped)),
        ]
    }
}
