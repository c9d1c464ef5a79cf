import Metering

/// A meter and what its limits are where a plan does not say otherwise.
struct MeterWithDefaults {
    var meter: Meter
    var mode: LimitMode
    var onStoreFailure: StoreFailurePolicy
    var leaseOff: Bool
    var alerts: [Threshold]
}

/// The meters of a catalogue.
struct MeterList {
    var meters: [MeterWithDefaults] = []
    /// Meters that are named and wrong: what refers to them is not wrong for that.
    var unreadable: Set<String> = []
}

/// Reads the `meters` of a catalogue.
struct MeterReader {
    let problems: ProblemList

    func read(_ value: YAMLValue) -> MeterList {
        let entries = MappingReader.entries(of: value, name: "meters", problems: problems) ?? []
        var list = MeterList()
        var eventNames: [String: String] = [:]
        for entry in entries {
            guard Identifier.isName(entry.key) else {
                problems.add(
                    entry.keyOrigin,
                    "\"\(entry.key.shortened)\" cannot be a meter's name: \(CatalogueReader.nameRule)")
                list.unreadable.insert(entry.key)
                continue
            }
            if let meter = readMeter(entry, eventNames: &eventNames) {
                list.meters.append(meter)
            } else {
                list.unreadable.insert(entry.key)
            }
        }
        return list
    }

    private func readMeter(_ entry: YAMLValue.Entry, eventNames: inout [String: String]) -> MeterWithDefaults? {
        let fields = MappingReader(
            entry.value, name: "meters.\(entry.key)",
            allowed: ["kind", "per", "unit", "cost", "stripe", "mode", "on_store_failure", "lease", "alerts"],
            problems: problems)
        guard let fields, fields.required("kind") != nil,
            let kind: MeterKind = fields.word(
                "kind", allowed: [.counter, .rate, .level, .concurrency])
        else { return nil }
        let meter = Meter(
            name: entry.key, kind: kind, cycle: readCycle(fields, kind: kind), unit: readUnit(fields),
            cost: readCost(fields), stripe: readStripe(fields, kind: kind, meter: entry.key, known: &eventNames))
        let limits = LimitFields(fields, kind: kind, unit: meter.unit)
        return MeterWithDefaults(
            meter: meter, mode: limits.mode() ?? .hard, onStoreFailure: limits.onStoreFailure() ?? .deny,
            leaseOff: limits.leaseOff() ?? false,
            alerts: limits.alerts() ?? (ThresholdReader.fits(kind) ? Threshold.standard : []))
    }

    private func readCycle(_ fields: MappingReader, kind: MeterKind) -> Cycle? {
        switch kind {
        case .counter:
            guard fields.required("per") != nil else { return nil }
            return fields.word("per", allowed: Cycle.allCases)
        case .rate:
            guard fields.required("per") != nil else { return nil }
            return fields.word("per", allowed: Cycle.allCases.filter { $0.fixedMicroseconds != nil })
        case .level, .concurrency:
            if fields.value("per") != nil {
                fields.note("per", "is for counters and rates: a \(kind.rawValue) has no period")
            }
            return nil
        }
    }

    private func readUnit(_ fields: MappingReader) -> String? {
        fields.text("unit", allowed: "the name of a unit, 1 to 32 characters") { (1...32).contains($0.count) }
    }

    private func readCost(_ fields: MappingReader) -> TokenCost? {
        guard let value = fields.value("cost") else { return nil }
        let cost = MappingReader(
            value, name: "\(fields.name).cost", allowed: ["per", "amount", "currency"], problems: problems)
        guard let cost else { return nil }
        // Each is looked at before any is missed, so that all problems show at once.
        let hasAll = ["per", "amount", "currency"].filter { cost.required($0) == nil }.isEmpty
        let per = cost.integer("per", in: 1...Amount.largest)
        let amount = cost.integer("amount", in: 0...Amount.largest)
        let currency = cost.text("currency", allowed: "three small letters (eur)") { text in
            text.utf8.count == 3 && text.utf8.allSatisfy { $0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "z") }
        }
        guard hasAll, let per, let amount, let currency else { return nil }
        return TokenCost(per: per, amount: amount, currency: currency)
    }

    private func readStripe(
        _ fields: MappingReader, kind: MeterKind, meter: String, known: inout [String: String]
    ) -> StripeMeter? {
        guard let value = fields.value("stripe") else { return nil }
        let stripe = MappingReader(
            value, name: "\(fields.name).stripe", allowed: ["mode", "event_name", "price"], problems: problems)
        guard let stripe else { return nil }
        guard kind == .counter else {
            fields.note("stripe", "is for counters: a \(kind.rawValue) is not billed by usage")
            return nil
        }
        let mode: StripeMeter.Mode = stripe.word("mode", allowed: StripeMeter.Mode.allCases) ?? .window
        let isRecord = mode == .usageRecord
        let (key, foreign) = isRecord ? ("price", "event_name") : ("event_name", "price")
        if stripe.value(foreign) != nil {
            stripe.note(
                foreign,
                isRecord ? "is not for usage_record: name its price" : "is for usage_record only: name the event_name")
        }
        guard stripe.required(key) != nil,
            let name = stripe.text(
                key,
                allowed: isRecord
                    ? "the id of a metered price at Stripe (price_…), 1 to 100 characters"
                    : "the event name of a Stripe meter, 1 to 100 characters",
                where: { (1...100).contains($0.count) })
        else { return nil }
        if let other = known.updateValue(meter, forKey: "\(key) \(name)") {
            // Two totals under one event name, or of one price, would replace each other at Stripe.
            stripe.note(key, "\"\(name.shortened)\" is used by meters.\(other) already")
        }
        return isRecord ? StripeMeter(price: name) : StripeMeter(mode: mode, eventName: name)
    }
}
