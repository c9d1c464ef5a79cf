import Metering

/// One call of the script that decides, as the gate would make it.
struct ScriptCall {
    struct Item {
        let meter: ModelMeter
        let n: Int64
        let limit: Int64
        /// The largest total ever allowed, -1 for none; a rate's burst.
        let bound: Int64
        /// 0 hard, 1 overage, 2 shadow, 3 not in the plan.
        let mode: UInt8
    }

    /// Who asks.
    var holder = "h1"
    let tenant: ModelTenant
    let command: Character
    let items: [Item]
    /// Whether it comes after the instant it was to be decided by.
    let isLate: Bool
    /// The version of the record that the caller knows.
    let version: String
    /// The refusal of the whole call, 0 for none.
    let refusal: UInt8
    let idempotencyKey: String?
    /// Whether it is made in the script's short form.
    var isShort = false
    /// Whether it is made so for a record that is known to be current while no record at all has changed.
    var isKnownCurrent = false

    /// Whether the gate may make it in the short form.
    var mayBeShort: Bool {
        guard items.count == 1, items[0].meter.kind == .counter, !tenant.isStranger, idempotencyKey == nil,
            refusal == 0, items[0].n > 0, items[0].mode < 2
        else { return false }
        return command == "R" || (command == "T" && (items[0].bound < 0 || items[0].n <= items[0].bound))
    }

    var meaning: String {
        "\(command) " + items.map { "\($0.meter.name) \($0.n)" }.joined(separator: " ")
    }
    var isAlwaysCounted: Bool { command == "R" || command == "L" }
    /// Whether it counts what holders may know more of than Redis.
    var needsLife: Bool { (command == "T" || command == "R") && items.contains { $0.meter.kind == .counter } }
}

/// A meter of the model; its numbers are those of the script.
struct ModelMeter: Hashable {
    enum Kind: UInt8 {
        case counter = 1
        case rate, level
    }

    let name: String
    let kind: Kind
    /// The time of one cell of a rate, in microseconds.
    var interval: Int64 = 0
    var isBilled = false
}

/// A tenant of the model; one without a record is a stranger.
struct ModelTenant: Hashable {
    let name: String
    let version: String
    var isStranger: Bool { version.isEmpty }
}

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
    private(set) var arrivals: [Place: Int64] = [:]
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
            let outcomes = call.items.map { outcome($0, call, now) }
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
                for (item, outcome) in zip(call.items, outcomes) { rows += store(item, outcome, call) }
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

    /// Returns the row that a counter was counted on: the hour and its total.
    private mutating func store(_ item: ScriptCall.Item, _ outcome: Outcome, _ call: ScriptCall) -> [Int64] {
        let place = Place(tenant: call.tenant.name, meter: item.meter.name)
        switch item.meter.kind {
        case .rate: if item.limit > 0 { arrivals[place] = outcome.next }
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
            ? rateOutcome(item, arrivals[place], now) : totalOutcome(item, totals[place] ?? 0, call, now)
        if item.mode == 3 { (outcome.verdict, outcome.retry) = (6, -1) }
        if item.mode == 2, outcome.verdict >= 3 { (outcome.verdict, outcome.retry) = (2, 0) }
        return outcome
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

    private func rateOutcome(_ item: ScriptCall.Item, _ arrival: Int64?, _ now: Int64) -> Outcome {
        var outcome = Outcome(used: 0, verdict: 0, retry: 0, next: 0, nextUsed: 0)
        guard let rate = GCRA(limit: 1, periodMicroseconds: item.meter.interval, burst: item.bound), item.limit > 0
        else {
            if item.limit == 0, item.n > 0 { (outcome.verdict, outcome.retry) = (3, -1) }
            return outcome
        }
        let before = rate.decide(arrival: arrival, now: now, cells: 0)
        let decided = rate.decide(arrival: arrival, now: now, cells: item.n)
        outcome.used = before.used
        if decided.allowed {
            (outcome.next, outcome.nextUsed) = (decided.newArrival, decided.used)
        } else {
            // What is counted all the same fills the burst, and no more.
            (outcome.next, outcome.nextUsed) = (now + rate.toleranceMicroseconds, item.bound)
            outcome.verdict = decided.isTooLarge ? 3 : 5
            outcome.retry = decided.retryAfterMilliseconds
        }
        return outcome
    }
}
