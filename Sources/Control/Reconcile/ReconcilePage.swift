import Billing

/// What a comparison came to, or a page of it. Its JSON is the answer of `POST /v1/billing/reconcile`.
struct ReconcilePage: Sendable, Equatable, Codable {
    /// The most differences that are listed; more are only counted.
    static let mostListed = 1_000
    /// The most failures that are listed.
    private static let mostFailures = 20

    /// An hour, or where Stripe has no hours a whole period, that Stripe does not have as it was counted.
    struct Row: Sendable, Equatable, Codable {
        var tenant: String
        var meter: String
        /// The hour's first second, or that of the period, RFC 3339.
        var hour: String
        /// The period's end, of a period.
        var periodEnd: String?
        /// What was counted, as the gate and Redis have it.
        var total: Int64
        var acknowledged: Int64
        /// What Stripe has recorded; nil where it was not asked.
        var stripe: Int64?
        /// What Stripe lacks; below zero for what it has too much.
        var difference: Int64
        var explanation: Explanation
        var detail: String
        /// Whether it was made owed again.
        var fixed: Bool

        private enum CodingKeys: String, CodingKey {
            case tenant, meter, hour, total, acknowledged, stripe, difference, explanation, detail, fixed
            case periodEnd = "period_end"
        }
    }

    /// A tenant and meter that could not be compared with Stripe.
    struct Failure: Sendable, Equatable, Codable {
        var tenant: String
        var meter: String
        var detail: String
    }

    /// Those of this page, at most ``mostListed``.
    var differences: [Row] = []
    /// How many, by explanation.
    var counts: [String: Int] = [:]
    /// Hours that were compared, and those among them whose value Stripe was asked for.
    var hours = 0
    var compared = 0
    /// Reads of Stripe that were made.
    var reads = 0
    /// Tenants that this page has looked at, of how many in all.
    var tenants = 0
    var of = 0
    /// Hours that were made owed again.
    var fixed = 0
    /// How many tenants' meters could not be compared, and the first of them.
    var failed = 0
    var failures: [Failure] = []
    /// Where the next page begins; nil at the end.
    var next: String?
    /// Why it ended before its end, without a next page that may follow now; nil if it did not.
    var stopped: String?

    /// Whether somebody has to act.
    var hasFault: Bool {
        failed > 0 || stopped != nil
            || counts.contains { name, count in
                count > 0 && !(Explanation(rawValue: name)?.isSettled ?? false)
            }
    }

    mutating func add(_ row: Row) {
        counts[row.explanation.rawValue, default: 0] += 1
        if row.fixed { fixed += 1 }
        if differences.count < Self.mostListed { differences.append(row) }
    }

    mutating func add(failure: Failure) {
        failed += 1
        if failures.count < Self.mostFailures { failures.append(failure) }
    }

    /// Adds what a further page came to.
    mutating func add(_ page: ReconcilePage) {
        for row in page.differences where differences.count < Self.mostListed { differences.append(row) }
        counts.merge(page.counts) { $0 + $1 }
        hours += page.hours
        compared += page.compared
        reads += page.reads
        tenants += page.tenants
        of = page.of
        fixed += page.fixed
        failed += page.failed
        failures += page.failures.prefix(max(0, Self.mostFailures - failures.count))
        next = page.next
        stopped = page.stopped
    }
}
