internal import Metering
internal import RESP
internal import RedisLink

/// One meter of one tenant for the current hour: the keys and arguments that the script takes, encoded once and then
/// copied into each command.
struct MeterSlot {
    /// From when to when (unix seconds) the keys are right: the hour, cut short by the period's end.
    let validFrom: Int64
    let validUntil: Int64
    let limit: Int64
    let kind: MeterKind
    let isInPlan: Bool
    /// The counter's period; nil for rates and levels.
    let period: Period?
    /// The two keys, encoded.
    let keys: OutputBuffer
    /// The kind as `CHECK` and `TAKE` name it, encoded: a meter that is not in the plan is refused.
    let kindForTaking: OutputBuffer
    /// The kind as `RECORD` and `LEVEL` name it, encoded: what has happened is counted, plan or no plan.
    let kindForCounting: OutputBuffer
    /// The nine arguments behind n, encoded.
    let arguments: OutputBuffer

    /// A tenant that used something for the last time so long ago that no invoice can be concerned has no usage left.
    /// Stripe takes usage 35 days back; five more for the flush.
    private static let usageLifetime: Int64 = 40 * 86_400

    init(
        tenant: String, record: Tenant?, meter: Meter, limit: Limit?, at second: Int64, _ rules: GateRules
    ) {
        let space = rules.configuration.keys
        let rule = limit ?? Limit(value: 0)
        kind = meter.kind
        isInPlan = limit != nil
        self.limit = rule.value
        var keys = OutputBuffer()
        var arguments = OutputBuffer()
        arguments.appendArgument(integer: rule.value)
        arguments.appendArgument(rule.mode.letter)
        switch meter.kind {
        case .counter, .concurrency:
            let hour = second / 3600
            let period = rules.calendar.period(for: meter.cycle ?? .period, at: second, tenant: record)
            self.period = period
            validFrom = max(period.start, hour * 3600)
            validUntil = min(period.end, (hour + 1) * 3600)
            keys.appendArgument(space.usage(tenant, meter.name, period: period.start))
            keys.appendArgument(space.day(tenant, meter.name, day: hour / 24))
            arguments.appendArgument(integer: rule.bound)
            arguments.appendArgument(integer: period.end * 1_000_000)
            arguments.appendArgument("\(KeySpace.hourOfDay(hour)):\(rules.configuration.holder)!")
            let lifetime = meter.cycle == .minute ? 86_400 : Self.usageLifetime
            arguments.appendArgument(integer: period.end + lifetime)
            arguments.appendArgument(integer: (hour / 24 + 1) * 86_400 + rules.configuration.usageRetentionSeconds)
            arguments.appendArgument(
                meter.stripe == nil ? "" : KeySpace.owedMember(hour: hour, meter: meter.name, tenant: tenant))
        case .rate, .level:
            period = nil
            validFrom = .min
            validUntil = .max
            let isRate = meter.kind == .rate
            let key = isRate ? space.rate(tenant, meter.name) : space.level(tenant, meter.name)
            keys.appendArgument(key)
            keys.appendArgument(key)
            arguments.appendArgument(integer: isRate ? rule.effectiveBurst : rule.bound)
            arguments.appendArgument(integer: isRate ? Self.interval(meter, rule) : 0)
            for _ in 0..<4 { arguments.appendArgument("") }
        }
        arguments.appendArgument(rules.configuration.holder)
        self.keys = keys
        self.arguments = arguments
        kindForCounting = Self.encoded(meter.kind.letter)
        kindForTaking = Self.encoded(limit == nil ? "x" : meter.kind.letter)
    }

    /// The time of one cell in microseconds; without a rate (limit 0 or unlimited) it is not used.
    private static func interval(_ meter: Meter, _ limit: Limit) -> Int64 {
        let length = meter.cycle?.fixedMicroseconds ?? 60_000_000
        let rate = GCRA(limit: limit.value, periodMicroseconds: length, burst: limit.effectiveBurst)
        return rate?.intervalMicroseconds ?? 1
    }

    private static func encoded(_ letter: String) -> OutputBuffer {
        var output = OutputBuffer()
        output.appendArgument(letter)
        return output
    }
}

extension Limit {
    /// The largest total that is ever allowed: the limit, or an overage's cap; -1 for none.
    fileprivate var bound: Int64 { mode == .overage ? cap ?? Amount.unlimited : value }
}

extension LimitMode {
    fileprivate var letter: String {
        switch self {
        case .hard: "h"
        case .overage: "o"
        case .shadow: "s"
        }
    }
}

extension MeterKind {
    fileprivate var letter: String {
        switch self {
        case .counter, .concurrency: "c"
        case .rate: "r"
        case .level: "l"
        }
    }
}
