import Metering

/// What the script is to answer and to leave behind, said once more in another language.
struct SpendModel {
    struct Place: Hashable {
        let tenant: String
        let meter: String
    }

    private struct Outcome {
        var used: Int64
        var verdict: Int64
        var retry: Int64
        /// What is stored if the call counts: the total, or the arrival time.
        var next: Int64
        /// What is shown as used if the call counts or would be allowed.
        var nextUsed: Int64
        /// Whether nothing but leases is in the way.
        var isHeld = false
        /// A rate's bucket with what was given back in it.
        var bucket = RateBucket()
    }

    private struct Answer {
        let meaning: String
        let holder: String
        let numbers: [Int64]
        /// The rows that were counted on, which are that holder's.
        let rows: [Int64]
    }

    /// The hour that everything is counted in.
    static let hour: Int64 = 497_095
    /// The end of every counter's period, in microseconds.
    let periodEnd: Int64
    let maxStrangers: Int
    private(set) var totals: [Place: Int64] = [:]
    /// Whether the partition knows what was used.
    var hasLearned = true
    /// What holders have leased and not spent.
    var held: [Place: Int64] = [:]
    /// What of the totals was counted for each holder.
    private(set) var rows: [Place: [String: Int64]] = [:]
    private(set) var buckets: [Place: RateBucket] = [:]
    private(set) var strangers: Set<String> = []
    private(set) var owed: Set<Place> = []
    private var answers: [String: Answer] = [:]

    init(periodEnd: Int64, maxStrangers: Int) {
        self.periodEnd = periodEnd
        self.maxStrangers = maxStrangers
    }

    /// The script's answer to a call that it decides at `now`.
    mutating func decide(_ call: ScriptCall, now: Int64) -> [Int64] {
        if call.isLate { return [1, now] }
        let key = call.idempotencyKey.map { "\(call.tenant.name)/\($0)" }
        if let key, let answer = answers[key] {
            guard answer.meaning == call.meaning else { return [3, now] }
            return [0, now] + answer.numbers + (answer.holder == call.holder ? answer.rows : answer.rows.map { _ in 0 })
        }
        guard hasLearned || !call.needsLife else { return [11, now] }
        guard call.version == call.tenant.version else { return [2, now] }
        var numbers: [Int64]
        var rows: [Int64] = []
        var isCounted = false
        if call.refusal != 0 {
            numbers = [-Int64(call.refusal)]
        } else {
            let outcomes = call.items.map { call.command == "U" ? told($0, call, now) : outcome($0, call, now) }
            let isRefused = outcomes.contains { $0.verdict >= 3 }
            isCounted = call.isAlwaysCounted || (call.command == "T" && !isRefused)
            if isCounted || !isRefused {
                for (index, item) in call.items.enumerated()
                where item.meter.kind != .rate && outcomes[index].next > Amount.largest {
                    return [4, now, Int64(index + 1)]
                }
            }
            if isCounted {
                if call.command == "T", let meter = outcomes.firstIndex(where: \.isHeld) {
                    return [10, now, Int64(meter + 1)]
                }
                guard admits(call.tenant) else { return [5, now] }
                for (item, outcome) in zip(call.items, outcomes) { rows += store(item, outcome, call, now) }
            } else {
                rows = call.items.flatMap { _ in [0, 0] }
            }
            numbers = [isRefused ? 0 : 1]
            for outcome in outcomes {
                let used = isCounted || !isRefused ? outcome.nextUsed : outcome.used
                numbers += [used, outcome.verdict, outcome.retry]
            }
            if key != nil { numbers += call.items.map(\.limit) }
        }
        // A stranger's refusal leaves nothing behind.
        if let key, isCounted || !call.tenant.isStranger {
            answers[key] = Answer(meaning: call.meaning, holder: call.holder, numbers: numbers, rows: rows)
        }
        return [0, now] + numbers + rows
    }

    private mutating func admits(_ tenant: ModelTenant) -> Bool {
        guard tenant.isStranger, !strangers.contains(tenant.name) else { return true }
        guard strangers.count < maxStrangers else { return false }
        strangers.insert(tenant.name)
        return true
    }

    /// Returns the row that a counter was counted on: the hour and its total; for a rate what it was granted.
    private mutating func store(
        _ item: ScriptCall.Item, _ outcome: Outcome, _ call: ScriptCall, _ now: Int64
    ) -> [Int64] {
        let place = Place(tenant: call.tenant.name, meter: item.meter.name)
        switch item.meter.kind {
        case .rate:
            guard item.limit > 0, let rate = rate(item) else { break }
            var bucket = outcome.bucket
            bucket.store(arrival: outcome.next, now: now, rate: rate)
            let granted = bucket.grant(item.wanted, now: now, rate: rate)
            buckets[place] = bucket
            return [granted, 0]
        case .level: totals[place] = outcome.next
        case .counter:
            guard item.n > 0 else { break }
            totals[place] = outcome.next
            rows[place, default: [:]][call.holder, default: 0] += item.n
            if item.meter.isBilled { owed.insert(place) }
            return [Self.hour, rows[place]?[call.holder] ?? 0]
        }
        return [0, 0]
    }

    private func outcome(_ item: ScriptCall.Item, _ call: ScriptCall, _ now: Int64) -> Outcome {
        let place = Place(tenant: call.tenant.name, meter: item.meter.name)
        var outcome =
            item.meter.kind == .rate
            ? rateOutcome(item, buckets[place] ?? RateBucket(), now) : totalOutcome(item, totals[place] ?? 0, call, now)
        if item.mode == 3 { (outcome.verdict, outcome.retry) = (6, -1) }
        if item.mode == 2, outcome.verdict >= 3 { (outcome.verdict, outcome.retry) = (2, 0) }
        return outcome
    }

    /// What USAGE is told; nobody has reserved anything.
    private func told(_ item: ScriptCall.Item, _ call: ScriptCall, _ now: Int64) -> Outcome {
        let place = Place(tenant: call.tenant.name, meter: item.meter.name)
        let used = totals[place] ?? 0
        guard item.meter.kind == .rate else {
            return Outcome(used: used, verdict: 0, retry: 0, next: used, nextUsed: used)
        }
        guard let rate = rate(item), item.limit > 0 else {
            return Outcome(used: 0, verdict: 0, retry: 0, next: 0, nextUsed: 0)
        }
        let outcome = rate.decide(arrival: (buckets[place] ?? RateBucket()).arrival, now: now, cells: 0)
        return Outcome(
            used: outcome.used, verdict: 0, retry: (outcome.newArrival - now + 999) / 1000, next: outcome.newArrival,
            nextUsed: outcome.used)
    }

    private func totalOutcome(_ item: ScriptCall.Item, _ used: Int64, _ call: ScriptCall, _ now: Int64) -> Outcome {
        let total = call.command == "L" ? item.n : used + item.n
        var outcome = Outcome(used: used, verdict: 0, retry: 0, next: total, nextUsed: total)
        if item.bound >= 0, total > item.bound {
            if call.command == "L" {
                (outcome.verdict, outcome.retry) = (4, -1)
            } else if item.n > item.bound {
                (outcome.verdict, outcome.retry) = (3, -1)
            } else if item.meter.kind == .level {
                (outcome.verdict, outcome.retry) = (4, -1)
            } else {
                (outcome.verdict, outcome.retry) = (4, max(1, (periodEnd - now + 999) / 1000))
            }
        } else if item.limit >= 0, total > item.limit {
            outcome.verdict = 1
        }
        if item.meter.kind == .counter, item.mode < 2, item.bound >= 0, total <= item.bound {
            let held = held[Place(tenant: call.tenant.name, meter: item.meter.name)] ?? 0
            outcome.isHeld = total + held > item.bound
        }
        return outcome
    }

    private func rate(_ item: ScriptCall.Item) -> GCRA? {
        GCRA(limit: 1, periodMicroseconds: item.meter.interval, burst: item.bound)
    }

    private func rateOutcome(_ item: ScriptCall.Item, _ bucket: RateBucket, _ now: Int64) -> Outcome {
        var outcome = Outcome(used: 0, verdict: 0, retry: 0, next: 0, nextUsed: 0, bucket: bucket)
        guard let rate = rate(item), item.limit > 0 else {
            if item.limit == 0, item.n > 0 { (outcome.verdict, outcome.retry) = (3, -1) }
            return outcome
        }
        outcome.bucket.takeBack(item.returned, grantedAt: item.returnedFrom, now: now, rate: rate)
        let before = rate.decide(arrival: outcome.bucket.arrival, now: now, cells: 0)
        let decided = rate.decide(arrival: outcome.bucket.arrival, now: now, cells: item.n)
        outcome.used = before.used
        if decided.allowed {
            (outcome.next, outcome.nextUsed) = (decided.newArrival, decided.used)
        } else {
            // What is counted all the same fills the burst, and no more.
            (outcome.next, outcome.nextUsed) = (.max, item.bound)
            outcome.verdict = decided.isTooLarge ? 3 : 5
            outcome.retry = decided.retryAfterMilliseconds
        }
        return outcome
    }
}
