/// Remembers what Stripe's answers mean for later flushes: which hours are refused, which tenants wait, and whether
/// everything waits. A value with a bound; time is milliseconds since the Unix epoch, passed in.
///
/// It may be lost at any moment without harm: an hour is then only tried sooner than it would have been. Whether an
/// hour has an attempt of unknown outcome is therefore not kept here but with the hour's totals.
public struct FlushBackoff: Sendable {
    private struct Wait {
        var attempts = 0
        var until: Int64 = 0
    }

    /// So many failures in a row, of different hours and with no answer but failures between them, mean that Stripe
    /// is failing and not the hours.
    private static let failuresOfAnOutage = 8

    private let capacity: Int
    private let backoff: RetryBackoff
    private var refusals: [HourKey: String] = [:]
    private var hourWaits: [HourKey: Wait] = [:]
    private var tenantWaits: [String: Wait] = [:]
    private var whole = Wait()
    private var failuresInARow = 0
    private var lastFailed: HourKey?
    /// Why nothing at all is sent, until `resume`.
    public private(set) var haltReason: String?
    /// How often something could not be remembered because the table was full.
    public private(set) var forgottenCount = 0

    /// At most `capacity` each of refused hours, waiting hours and waiting tenants are remembered.
    public init(capacity: Int = 10_000, backoff: RetryBackoff = RetryBackoff()) {
        precondition(capacity > 0, "capacity must be above 0")
        self.capacity = capacity
        self.backoff = backoff
    }

    /// Decides what follows an attempt and remembers it.
    ///
    /// - Parameters:
    ///   - outcome: how the attempt ended.
    ///   - hour: what was sent.
    ///   - earlierUnknown: whether an earlier attempt of the hour is still of unknown outcome.
    ///   - now: the present.
    ///   - random: 0…1, for the jitter.
    public mutating func note(
        _ outcome: StripeOutcome, of hour: HourKey, earlierUnknown: Bool, now: Int64, random: Double
    ) -> RetryDecision {
        let attempts =
            max(hourWaits[hour]?.attempts ?? 0, tenantWaits[hour.tenant]?.attempts ?? 0, whole.attempts) + 1
        let decision = RetryDecision.after(
            outcome: outcome, attempt: attempts, earlierUnknown: earlierUnknown, random: random, backoff: backoff)
        switch decision.verdict {
        case .settled:
            refusals[hour] = nil
            noteAnswer(about: hour)
        case .retry(let delay):
            noteFailure(
                of: hour, scope: decision.scope,
                wait: Wait(attempts: attempts, until: now + delay.wholeMilliseconds), now: now)
        case .refused:
            // An answer came, so the way to Stripe is open and the tenant's other hours need not wait.
            noteAnswer(about: hour)
            if refusals[hour] != nil || hasRoom(refusals.count) { refusals[hour] = decision.reason }
        case .halt:
            haltReason = decision.reason
        }
        return decision
    }

    /// The tenants of whom something failed lately. Others go first: a few that always fail would otherwise be what
    /// every round begins with, until it is given up.
    public var failing: Set<String> { Set(tenantWaits.keys).union(hourWaits.keys.map(\.tenant)) }

    /// Why the hour may not be sent now; nil when it may.
    public func hold(on hour: HourKey, now: Int64) -> OwedState? {
        if let haltReason { return .halted(haltReason) }
        if let reason = refusals[hour] { return .refused(reason) }
        let until = max(hourWaits[hour]?.until ?? 0, tenantWaits[hour.tenant]?.until ?? 0, whole.until)
        return until > now ? .backingOff(until: until) : nil
    }

    /// The instant until which nothing at all is sent; nil when something may be. A halt has no such instant.
    public func wholeHold(now: Int64) -> Int64? {
        whole.until > now ? whole.until : nil
    }

    /// Ends a halt, when the key or the configuration has changed.
    public mutating func resume() {
        haltReason = nil
        whole = Wait()
    }

    /// Lets a refused hour be sent again, when an operator has put right what Stripe refused.
    public mutating func forgive(_ hour: HourKey) {
        refusals[hour] = nil
    }

    /// Ends every wait and forgives every refusal, for a flush that an operator asked for.
    public mutating func forgiveAll() {
        refusals.removeAll()
        hourWaits.removeAll()
        tenantWaits.removeAll()
        whole = Wait()
        failuresInARow = 0
    }

    /// Forgets refusals of hours that are owed no more, and waits long over. Call it once a flush.
    public mutating func prune(now: Int64, isOwed: (HourKey) -> Bool) {
        refusals = refusals.filter { isOwed($0.key) }
        // Attempts are remembered for as long again as the longest wait, so that what keeps failing does not begin
        // anew at each flush.
        let oldest = now - backoff.longest.wholeMilliseconds
        hourWaits = hourWaits.filter { $0.value.until >= oldest && isOwed($0.key) }
        tenantWaits = tenantWaits.filter { $0.value.until >= oldest }
    }

    /// Stripe looked at the hour, so neither the way there nor the tenant is what fails.
    private mutating func noteAnswer(about hour: HourKey) {
        hourWaits[hour] = nil
        tenantWaits[hour.tenant] = nil
        whole = Wait()
        failuresInARow = 0
    }

    private mutating func noteFailure(of hour: HourKey, scope: RetryDecision.Scope, wait: Wait, now: Int64) {
        if hour != lastFailed { failuresInARow += 1 }
        lastFailed = hour
        switch scope {
        case .hour:
            if hourWaits[hour] != nil || hasRoom(hourWaits.count) { hourWaits[hour] = wait }
        case .object:
            // A tenant is one customer, and what Stripe locks of one it mostly locks of the whole.
            if tenantWaits[hour.tenant] != nil || hasRoom(tenantWaits.count) { tenantWaits[hour.tenant] = wait }
        case .endpoint, .everything:
            break
        }
        // Nearly all that is sent goes to one endpoint.
        guard scope == .everything || scope == .endpoint || failuresInARow >= Self.failuresOfAnOutage else { return }
        // Sends that were side by side fail together: they are one failure, so a wait that runs is not lengthened.
        if whole.until <= now { whole = wait }
    }

    private mutating func hasRoom(_ count: Int) -> Bool {
        if count >= capacity { forgottenCount += 1 }
        return count < capacity
    }
}
