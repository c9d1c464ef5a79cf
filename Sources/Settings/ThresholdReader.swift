import Metering

/// Reads the `alerts` of a meter or a limit: a list of thresholds, or `off`.
struct ThresholdReader {
    /// Whether thresholds may be written as sizes.
    let countsBytes: Bool
    let problems: ProblemList

    /// Whether a kind of meter has totals that can pass one.
    static func fits(_ kind: MeterKind) -> Bool { kind == .counter || kind == .level }

    /// Nil if nothing is said of it, or nothing that is allowed.
    func read(_ fields: MappingReader, kind: MeterKind) -> [Threshold]? {
        guard let value = fields.value("alerts") else { return nil }
        guard Self.fits(kind) else {
            fields.note("alerts", "are for counters and levels: a \(kind.rawValue) has no total that could pass one")
            return nil
        }
        let name = "\(fields.name).alerts"
        switch value.content {
        case .scalar("off", isPlain: true), .scalar("false", isPlain: true): return []
        case .list(let items):
            guard items.count <= Threshold.most else {
                fields.note("alerts", "must be at most \(Threshold.most) thresholds, not \(items.count)")
                return nil
            }
            return read(items, name: name)
        case .scalar, .mapping, .null:
            fields.note("alerts", "must be off or a list of thresholds ([80%, 100%]), not \(value.found)")
            return nil
        }
    }

    private func read(_ items: [YAMLValue], name: String) -> [Threshold] {
        var thresholds: [Threshold] = []
        for (index, item) in items.enumerated() {
            guard let threshold = read(item, name: "\(name)[\(index)]") else { continue }
            if thresholds.contains(where: { $0.point == threshold.point }) {
                problems.add(item.origin, "\(name) has \(threshold.label) twice: say on: both for both directions")
                continue
            }
            thresholds.append(threshold)
        }
        return thresholds
    }

    private func read(_ item: YAMLValue, name: String) -> Threshold? {
        guard case .mapping = item.content else { return point(item, name: name).map { Threshold($0) } }
        guard let fields = MappingReader(item, name: name, allowed: ["at", "on"], problems: problems) else {
            return nil
        }
        let direction = fields.word("on", allowed: Threshold.Direction.allCases)
        guard let value = fields.required("at"), let point = point(value, name: "\(name).at") else { return nil }
        return Threshold(point, direction ?? .up)
    }

    private func point(_ value: YAMLValue, name: String) -> Threshold.Point? {
        if case .scalar(let text, let isPlain) = value.content {
            let parts = splitNumber(text)
            if let parts, parts.suffix == "%", Threshold.percentages.contains(parts.number) {
                return .percent(parts.number)
            }
            let amount = countsBytes ? SizeText.parse(text) : parts.flatMap { $0.suffix.isEmpty ? $0.number : nil }
            if isPlain, let amount, (1...Amount.largest).contains(amount) { return .amount(amount) }
        }
        let (low, high) = (Threshold.percentages.lowerBound, Threshold.percentages.upperBound)
        problems.add(
            value.origin,
            "\(name) must be a percentage from \(low)% to \(high)%, or a whole number from 1 to \(Amount.largest)"
                + "\(countsBytes ? " or a size (10GiB)" : ""), not \(value.found)")
        return nil
    }
}
