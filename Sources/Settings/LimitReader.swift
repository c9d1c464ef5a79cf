import Metering

/// Reads one limit of one meter: a number, a size where the meter counts bytes, or a mapping.
struct LimitReader {
    let meter: MeterWithDefaults
    let problems: ProblemList

    private var countsBytes: Bool { meter.meter.unit == "bytes" }

    func read(_ value: YAMLValue, name: String) -> Limit? {
        guard case .mapping = value.content else {
            guard let amount = amount(value, name: name) else { return nil }
            let limit = Limit(
                value: amount, mode: meter.mode, onStoreFailure: meter.onStoreFailure, leaseOff: meter.leaseOff,
                alerts: meter.alerts)
            return checkedRate(limit, origin: value.origin, name: name)
        }
        let fields = MappingReader(
            value, name: name, allowed: ["limit", "mode", "cap", "burst", "on_store_failure", "lease", "alerts"],
            problems: problems)
        guard let fields else { return nil }
        let common = LimitFields(fields, kind: meter.meter.kind, unit: meter.meter.unit)
        let mode = common.mode() ?? meter.mode
        let stated = fields.required("limit").flatMap { amount($0, name: "\(name).limit") }
        let limit = Limit(
            value: stated ?? 0, mode: mode, cap: readCap(fields, mode: mode, limit: stated),
            burst: readBurst(fields), onStoreFailure: common.onStoreFailure() ?? meter.onStoreFailure,
            leaseOff: common.leaseOff() ?? meter.leaseOff, alerts: common.alerts() ?? meter.alerts)
        guard stated != nil else { return nil }
        let origin = (limit.burst == nil ? nil : fields.value("burst")?.origin) ?? value.origin
        return checkedRate(limit, origin: origin, name: name)
    }

    /// A number of units, -1 for unlimited, or a size.
    private func amount(_ value: YAMLValue, name: String, allowsUnlimited: Bool = true) -> Int64? {
        if case .scalar(let text, isPlain: true) = value.content {
            if let number = Int64(text) {
                if allowsUnlimited, number == Amount.unlimited { return number }
                if (0...Amount.largest).contains(number) { return number }
            } else if let bytes = SizeText.parse(text) {
                if countsBytes { return bytes }
                problems.add(
                    value.origin, "\(name) must be a number, not the size \(text): \(meter.meter.name) counts no bytes")
                return nil
            }
        }
        let size = countsBytes ? ", or a size (10GiB)" : ""
        let unlimited = allowsUnlimited ? ", -1 for unlimited" : ""
        problems.add(
            value.origin,
            "\(name) must be a whole number from 0 to \(Amount.largest)\(unlimited)\(size), not \(value.found)")
        return nil
    }

    private func readCap(_ fields: MappingReader, mode: LimitMode, limit: Int64?) -> Int64? {
        guard let value = fields.value("cap") else { return nil }
        guard mode == .overage else {
            fields.note("cap", "needs mode: overage, and the mode is \(mode.rawValue)")
            return nil
        }
        guard let cap = amount(value, name: "\(fields.name).cap", allowsUnlimited: false), let limit else {
            return nil
        }
        if limit == Amount.unlimited {
            fields.note("cap", "has no meaning on an unlimited limit")
            return nil
        }
        if cap < limit {
            fields.note("cap", "must be at least the limit, \(limit), not \(cap)")
            return nil
        }
        return cap
    }

    private func readBurst(_ fields: MappingReader) -> Int64? {
        guard fields.value("burst") != nil else { return nil }
        guard meter.meter.kind == .rate else {
            fields.note("burst", "is for rates, and \(meter.meter.name) is a \(meter.meter.kind.rawValue)")
            return nil
        }
        return fields.integer("burst", in: 1...Amount.largest)
    }

    /// The limit, if it is no rate or one that integer microseconds can keep.
    private func checkedRate(_ limit: Limit, origin: SettingOrigin, name: String) -> Limit? {
        guard meter.meter.kind == .rate, let cycle = meter.meter.cycle, let length = cycle.fixedMicroseconds,
            limit.value > 0
        else { return limit }
        if GCRA(limit: limit.value, periodMicroseconds: length, burst: limit.effectiveBurst) != nil { return limit }
        if limit.value > length {
            problems.add(
                origin, "\(name) must be at most \(length) per \(cycle.rawValue), one a microsecond, not \(limit.value)"
            )
        } else {
            problems.add(
                origin, "\(name).burst takes more than ten years to drain at \(limit.value) per \(cycle.rawValue)")
        }
        return nil
    }
}
