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
    /// Until one that did not come to its end is begun again, in seconds.
    private static let wait: Int64 = 300

    private let context: ControlContext
    private let configuration: ControlConfiguration
    private let flusher: Flusher
    /// Nobody else has it.
    private let token = "\(UInt64.random(in: .min ... .max))"
    /// The last day that is known to have its report.
    private var doneDay: Int64 = -1
    /// Not before then, in Unix seconds.
    private var notBefore: Int64 = 0
    /// Reads of Stripe that a day's comparison has made here, however often it was begun.
    private var made: (day: Int64, reads: Int) = (-1, 0)

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
        guard context.stripe != nil, day > doneDay, now >= notBefore else { return }
        if now % 86_400 < Self.second(of: context.store.origin.holderID) {
            // The very first one is made at once.
            guard try await context.store.reconcileReport() == nil else { return }
        }
        guard try await context.store.takeReconcile(token: token, day: day, seconds: Self.hold) else {
            // It may be another that falls silent, so this is asked again.
            return
        }
        notBefore = now + Self.wait
        _ = await context.settle()
        guard let report = try await compare(day: day, startedAt: now),
            try await context.store.endReconcile(token: token, day: day, report: report.text)
        else { return }
        doneDay = day
        let counts = report.result.counts.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        context.logger.log(
            level: report.result.hasFault ? .warning : .info, "The daily comparison with Stripe has ended",
            metadata: ["hours": "\(report.result.hours)", "differences": "\(counts.joined(separator: " "))"])
    }

    /// The day's report; nil when another has taken the day over.
    private func compare(day: Int64, startedAt: Int64) async throws -> DailyReport? {
        let meters = context.catalogue().billedMeters.count
        let tenants = Int(try await context.store.tenantCounts().tenants)
        let shares = Self.shares(tenants: tenants, meters: meters)
        let share = String(UInt64(day) % shares)
        let before = try await context.store.reconcileReport().flatMap { DailyReport(text: $0) }
        var cuts = (before?.cuts ?? [:]).filter { UInt64($0.key).map { $0 < shares } ?? false }
        let reconciler = Reconciler(context: context, configuration: configuration, flusher: flusher)
        var sample = DailySample(day: day, shares: shares, reads: max(0, Self.readsOfDay - readsMade(on: day)))
        var result = ReconcilePage()
        // Where the share was cut last, and then what comes before.
        let cut = cuts.removeValue(forKey: share)
        var laps: [(after: ReconcileCursor?, last: String?)] = [(cut.map { .tenant($0) }, nil)]
        if let cut { laps.append((nil, cut)) }
        for lap in laps {
            var question = ReconcileQuestion(now: startedAt)
            question.after = lap.after
            question.last = lap.last
            var isAtEnd = false
            while !isAtEnd {
                isAtEnd = try await walk(&question, &sample, reconciler, day, &result)
                guard try await context.store.takeReconcile(token: token, day: day, seconds: Self.hold) else {
                    return nil
                }
                try await context.clock.sleep(for: Self.pause)
            }
        }
        cuts[share] = sample.cut
        result.next = nil
        let endedAt = context.now() / 1000
        return DailyReport(
            day: String(InstantText.text(day * 86_400).prefix(10)), startedAt: InstantText.text(startedAt),
            endedAt: InstantText.text(endedAt), duration: endedAt - startedAt, sampled: sample.tenants,
            truncated: sample.isCut, cuts: cuts.isEmpty ? nil : cuts, result: result)
    }

    /// Walks a page on. True at the end.
    private func walk(
        _ question: inout ReconcileQuestion, _ sample: inout DailySample, _ reconciler: Reconciler, _ day: Int64,
        _ result: inout ReconcilePage
    ) async throws -> Bool {
        question.reads = sample.reads
        question.allowsFirst = readsMade(on: day) == 0
        let asked = (question.end - Self.turnHours)..<question.end
        let usual = (question.end - Self.usualHours)..<question.end
        let before = await reconciler.records.reads
        var walked = sample
        do {
            let page = try await reconciler.walk(question) { tenant in
                let isTurn = walked.takes(tenant)
                return Reconciler.Scope(hours: isTurn ? asked : usual, asksStripe: isTurn)
            }
            sample = walked
            count(await reconciler.records.reads - before, on: day)
            sample.reads = max(0, sample.reads - page.reads)
            result.add(page)
            result.stopped = nil
            question.after = page.next.flatMap { ReconcileCursor($0) } ?? question.after
            guard page.stopped != nil else { return page.next == nil }
            sample.tenants -= 1
        } catch let failure as StripeRecords.Failure {
            // What this page has found is looked for again.
            count(await reconciler.records.reads - before, on: day)
            context.logger.warning(
                "Stripe cannot be read: the rest of the daily comparison goes without",
                metadata: ["reason": "\(failure)"])
        }
        sample.isCut = true
        if case .tenant(let id)? = question.after { sample.cut = id }
        return false
    }

    private func readsMade(on day: Int64) -> Int { made.day == day ? made.reads : 0 }

    private func count(_ reads: Int, on day: Int64) { made = (day, readsMade(on: day) + reads) }
}
