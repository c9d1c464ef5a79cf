/// Changes of usage that event summaries do not show yet. Stripe aggregates asynchronously: summaries "might not
/// immediately reflect" what was received (docs.stripe.com/api/billing/meter-event-summary). Of each change it keeps
/// what the bucket held before, so a summary can be told as it was.
struct UnseenUsage: Sendable {
    private struct Change: Sendable {
        let at: Int
        let start: Int
        let before: UsageRow?
    }

    /// Most changes kept; those beyond are shown at once.
    static let capacity = 1_000_000

    private var changes: [UsageKey: [Change]] = [:]
    private var count = 0

    /// Notes that a bucket is about to change.
    ///
    /// - Parameter delay: For how many seconds summaries do not show it.
    mutating func note(_ key: UsageKey, start: Int, before: UsageRow?, now: Int, delay: Int) {
        guard delay > 0 else { return }
        if count >= Self.capacity { forgetSeen(now: now, delay: delay) }
        guard count < Self.capacity else { return }
        changes[key, default: []].append(Change(at: now, start: start, before: before))
        count += 1
    }

    /// The buckets as summaries show them: each as it was before the first change that is not shown yet.
    func hiding(
        _ key: UsageKey, in range: Range<Int>, of buckets: UsageTable.Buckets, now: Int, delay: Int
    ) -> UsageTable.Buckets {
        guard delay > 0, let changes = changes[key] else { return buckets }
        var shown = buckets
        var hidden: Set<Int> = []
        for change in changes where change.at + delay > now && range.contains(change.start) {
            if hidden.insert(change.start).inserted { shown[change.start] = change.before }
        }
        return shown
    }

    private mutating func forgetSeen(now: Int, delay: Int) {
        changes = changes.compactMapValues { list in
            let kept = list.filter { $0.at + delay > now }
            return kept.isEmpty ? nil : kept
        }
        count = changes.values.reduce(0) { $0 + $1.count }
    }
}
