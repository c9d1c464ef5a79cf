import Billing
import Logging
import Metering
import RedisLink

/// Once a day, by one daemon: all tenants' lately counted hours are compared with what Stripe acknowledged, in Redis
/// alone, since each hour was or will be compared with Stripe by itself; and Stripe is asked for the hours of the last
/// 35 days of a share of the tenants, another each day, so that each has its turn once a month, or as often as the
/// reads allow.
actor DailyReconcile {
    /// Reads of Stripe a day: of the 10,000 in 30 days that every account has at least
    /// (docs.stripe.com/rate-limits), most are left to everything else.
    static let readsOfDay = 100
    /// The least number of days in which each tenant has its turn.
    private static let leastShares = 30
    /// The hours looked at of every tenant, and of one that has its turn.
    private static let usualHours: Int64 = 48
    private static let turnHours: Int64 = 35 * 24
    /// How long a daemon is taken to be at it after a sign of life, in seconds.
    private static let hold: Int64 = 600
    /// Between two pages, so that Redis has time for the gate.
    private static let pause: Duration = .milliseconds(50)

    private let context: ControlContext
    private let configuration: ControlConfiguration
    private let flusher: Flusher
    /// Nobody else has it.
    private let token = "\(UInt64.random(in: .min ... .max))"
    /// The last day that is known to have its report.
    private var doneDay: Int64 = -1

    init(context: ControlContext, configuration: ControlConfiguration, flusher: Flusher) {
        self.context = context
        self.configuration = configuration
        self.flusher = flusher
    }

    /// The second of a day at which this daemon looks whether the day has its report: each daemon has its own, so that
    /// many deployments do not ask Stripe at once.
    static func second(of holder: String) -> Int64 { Int64(CheckDue.spread(of: holder) % 86_400) }

    /// In how many days each tenant has its turn, so that the reads of a day do for its share.
    static func shares(tenants: Int, meters: Int) -> UInt64 {
        let reads = tenants * meters * StripeRecords.reads(of: 0..<turnHours)
        return UInt64(max(leastShares, (reads + readsOfDay - 1) / readsOfDay))
    }

    /// Whether a tenant has its turn.
    static func isTurn(of tenant: String, day: Int64, shares: UInt64) -> Bool {
        CheckDue.spread(of: tenant) % shares == UInt64(day) % shares
    }

    /// Makes the day's comparison if its time has come and nobody else does. What cannot be read leaves it to a later
    /// round.
    func runIfDue() async throws {
        let now = context.now() / 1000
        let day = now / 86_400
        guard context.stripe != nil, day > doneDay else { return }
        if now % 86_400 < Self.second(of: context.store.origin.holderID) {
            // The very first one is made at once.
            guard try await context.store.reconcileReport() == nil else { return }
        }
        guard try await context.store.takeReconcile(token: token, day: day, seconds: Self.hold) else {
            // It may be another that falls silent, so this is asked again.
            return
        }
        _ = await context.settle()
        let report = try await compare(day: day, startedAt: now)
        guard try await context.store.endReconcile(token: token, day: day, report: report.text) else { return }
        doneDay = day
        let counts = report.result.counts.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        context.logger.log(
            level: report.result.hasFault ? .warning : .info, "The daily comparison with Stripe has ended",
            metadata: ["hours": "\(report.result.hours)", "differences": "\(counts.joined(separator: " "))"])
    }

    private func compare(day: Int64, startedAt: Int64) async throws -> DailyReport {
        var question = ReconcileQuestion(now: startedAt)
        let end = question.end
        let asked = (end - Self.turnHours)..<end
        let usual = (end - Self.usualHours)..<end
        var result = ReconcilePage()
        var sampled = 0
        var isTruncated = false
        let meters = context.catalogue().meters.count { $0.stripe != nil }
        let shares = Self.shares(tenants: Int(try await context.store.tenantCounts().tenants), meters: meters)
        let reconciler = Reconciler(context: context, configuration: configuration, flusher: flusher)
        repeat {
            question.reads = max(Self.readsOfDay - result.reads, 0)
            let isAsking = !isTruncated
            let page = try await reconciler.walk(question) { tenant in
                let isTurn = isAsking && Self.isTurn(of: tenant, day: day, shares: shares)
                if isTurn { sampled += 1 }
                return Reconciler.Scope(hours: isTurn ? asked : usual, asksStripe: isTurn)
            }
            if page.stopped != nil {
                // The rest is compared without Stripe.
                isTruncated = true
                sampled -= 1
            }
            result.add(page)
            result.stopped = nil
            question.after = page.next.flatMap { ReconcileCursor($0) } ?? question.after
            if page.next == nil, page.stopped == nil { break }
            guard try await context.store.takeReconcile(token: token, day: day, seconds: Self.hold) else {
                throw CancellationError()
            }
            try await context.clock.sleep(for: Self.pause)
        } while true
        result.next = nil
        let endedAt = context.now() / 1000
        return DailyReport(
            day: String(InstantText.text(day * 86_400).prefix(10)), startedAt: InstantText.text(startedAt),
            endedAt: InstantText.text(endedAt), duration: endedAt - startedAt, sampled: sampled,
            truncated: isTruncated, result: result)
    }
}
