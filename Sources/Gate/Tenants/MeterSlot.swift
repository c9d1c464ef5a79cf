internal import Metering
internal import RESP
internal import RedisLink

/// One meter of one tenant for the current hour: the keys and packed arguments that the script takes, encoded once and
/// then copied into each command.
final class MeterSlot: ThresholdWatcher {
    /// From when to when (unix seconds) it is right: the hour, cut short by the end of the period or entitlement.
    let validFrom: Int64
    let validUntil: Int64
    let limit: Int64
    /// The largest total ever allowed; -1 for none.
    private let bound: Int64
    let kind: MeterKind
    let isInPlan: Bool
    let mode: LimitMode
    /// How much of the limit is from grants.
    let granted: Int64
    let alerts: [Threshold]
    /// What is known of the thresholds that its total is past.
    var watch: ThresholdWatch
    /// Whether the script needs the owed hours for it.
    let isBilled: Bool
    /// The counter's period; nil for all others.
    let period: Period?
    /// The usage that Redis told last; -1 before it has.
    var lastUsed: Int64 = -1
    /// The record's key and the meter's keys, each as an argument of a command, and the packed meter, in one piece of
    /// memory: with many tenants each piece is a cache miss of its own.
    private let bytes: [UInt8]
    private let recordKeyEnd: Int
    private let keysEnd: Int

    init(
        tenant: String, record: Tenant?, meter: Meter, entitlement: Entitlement, at second: Int64, _ rules: GateRules
    ) {
        let space = rules.configuration.keys
        let counted =
            meter.kind == .counter ? rules.calendar.period(of: meter, at: second, tenant: record) : nil
        let limit = entitlement.limit(for: meter.name, in: counted)
        let rule = limit ?? Limit(value: 0)
        var keys = OutputBuffer()
        keys.appendArgument(space.tenant(tenant))
        recordKeyEnd = keys.count
        var arguments = PackedMeter(limit: rule.value, mode: rule.mode.code, kind: meter.kind.code)
        kind = meter.kind
        isInPlan = limit != nil
        mode = rule.mode
        granted = rule.granted
        self.limit = rule.value
        alerts = rule.alerts
        watch = ThresholdWatch(rule, isLevel: meter.kind == .level)
        period = counted
        if let period = counted {
            let hour = second / 3600
            validFrom = max(period.start, hour * 3600)
            validUntil = min(period.end, (hour + 1) * 3600, entitlement.validUntil)
            isBilled = meter.stripe != nil
            keys.appendArgument(space.usage(tenant, meter.name, period: period.start))
            keys.appendArgument(space.day(tenant, meter.name, day: hour / 24))
            arguments.bound = rule.bound
            arguments.hour = hour
            arguments.edge = period.end * 1_000_000
            arguments.usageUntil = period.usageKeptUntil(meter.cycle)
            arguments.dayUntil = (hour / 24 + 1) * 86_400 + rules.configuration.usageRetentionSeconds
            arguments.field = "\(KeySpace.hourOfDay(hour)):\(rules.configuration.holder)!"
            if isBilled { arguments.member = KeySpace.owedMember(hour: hour, meter: meter.name, tenant: tenant) }
        } else {
            validFrom = .min
            validUntil = entitlement.validUntil
            isBilled = false
            arguments.bound = rule.bound
            switch meter.kind {
            case .rate:
                keys.appendArgument(space.rate(tenant, meter.name))
                arguments.bound = rule.effectiveBurst
                arguments.edge = Self.interval(meter, rule)
            case .level: keys.appendArgument(space.level(tenant, meter.name))
            case .concurrency, .counter:
                keys.appendArgument(space.usage(tenant, meter.name, period: Period.endless.start))
            }
            arguments.field = rules.configuration.holder
        }
        bound = arguments.bound
        keysEnd = keys.count
        bytes = keys.withReadable { Array(copying: $0) } + arguments.encoded
    }

    var keyCount: Int { period == nil ? 1 : 2 }

    /// Whether a counter's `amount` will fit, as far as is known here; a wrong guess costs Redis a step, not more.
    func isLikelyToFit(_ amount: Int64) -> Bool {
        guard isInPlan, mode != .shadow else { return false }
        return bound < 0 || (lastUsed > 0 && bound - lastUsed >= amount + bound / 16)
    }

    /// What a counter's total means to its limit, as far as it was let through.
    func verdict(used: Int64) -> Verdict { limit >= 0 && used > limit ? .overage : .ok }

    /// The record's key, and then the two keys of a counter, or the one key of a rate or level.
    func appendRecordAndKeys(to output: inout OutputBuffer) { output.append(copying: bytes, 0..<keysEnd) }

    /// The same without the record's key, for the second and later meters of a call.
    func appendKeys(to output: inout OutputBuffer) { output.append(copying: bytes, recordKeyEnd..<keysEnd) }

    /// What form 0 of a call says of it. A meter that is not in the plan is refused, but what has happened is counted,
    /// plan or no plan. Of a rate's cells, `ask` says what is wanted and given back.
    func appendPacked(to arguments: inout [UInt8], isAlwaysCounted: Bool, ask: RateAsk?) {
        let start = arguments.count
        bytes.withUnsafeBytes { arguments.append(contentsOf: $0[keysEnd...]) }
        if !isInPlan, !isAlwaysCounted { arguments[start + PackedMeter.modeOffset] = PackedMeter.notInPlan }
        if let ask, ask.number > 0 { PackedMeter.write(ask, into: &arguments, at: start) }
    }

    /// What form 1 of a call says of it; what is always counted is bounded by nothing but what a total can hold.
    func appendPackedAlone(to arguments: inout [UInt8], isAlwaysCounted: Bool) {
        arguments.append(packing: bound < 0 || isAlwaysCounted ? Amount.largest : bound)
        bytes.withUnsafeBytes { arguments.append(contentsOf: $0[(keysEnd + PackedMeter.hourOffset)...]) }
    }

    /// The time of one cell in microseconds; without a rate (limit 0 or unlimited) it is not used.
    private static func interval(_ meter: Meter, _ limit: Limit) -> Int64 {
        limit.rate(of: meter)?.intervalMicroseconds ?? 1
    }
}

extension OutputBuffer {
    /// Appends a part of `bytes`, which is whole arguments of a command.
    fileprivate mutating func append(copying bytes: [UInt8], _ range: Range<Int>) {
        append(count: range.count) { room in
            room.withUnsafeMutableBytes { target in
                bytes.withUnsafeBytes { target.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[range])) }
            }
        }
    }
}

extension LimitMode {
    fileprivate var code: UInt8 {
        switch self {
        case .hard: 0
        case .overage: 1
        case .shadow: 2
        }
    }
}

extension MeterKind {
    fileprivate var code: UInt8 {
        switch self {
        case .counter: 1
        case .rate: 2
        case .level: 3
        case .concurrency: 4
        }
    }
}
