import Metering

/// Reads the `plans` of a catalogue, against the meters and features it has.
struct PlanReader {
    let meters: MeterList
    let features: [String]
    let problems: ProblemList

    func read(_ value: YAMLValue) -> [Plan] {
        let entries = MappingReader.entries(of: value, name: "plans", problems: problems) ?? []
        var plans: [Plan] = []
        var priceOwners: [String: String] = [:]
        for entry in entries {
            guard Identifier.isPlanSlug(entry.key) else {
                problems.add(
                    entry.keyOrigin,
                    "\"\(entry.key.shortened)\" cannot be a plan's name: 1 to 64 of A-Z a-z 0-9 . _ -")
                continue
            }
            let fields = MappingReader(
                entry.value, name: "plans.\(entry.key)",
                allowed: [
                    "name", "description", "bullets", "highlight", "public", "order", "prices", "features", "limits",
                ], problems: problems)
            guard let fields else { continue }
            plans.append(readPlan(entry.key, fields, priceOwners: &priceOwners))
        }
        return plans
    }

    private func readPlan(
        _ slug: String, _ fields: MappingReader, priceOwners: inout [String: String]
    ) -> Plan {
        Plan(
            slug: slug, name: fields.required("name").flatMap { _ in fields.text("name") } ?? slug,
            description: fields.text("description") ?? "", bullets: fields.texts("bullets").map(\.text),
            highlight: fields.text("highlight"), isPublic: fields.flag("public") ?? true,
            order: Int(fields.integer("order", in: 0...1_000_000) ?? 0),
            prices: readPrices(fields, slug: slug, owners: &priceOwners), features: readFeatures(fields),
            limits: readLimits(fields))
    }

    private func readPrices(
        _ fields: MappingReader, slug: String, owners: inout [String: String]
    ) -> [String: String] {
        let intervals = ["monthly", "yearly"]
        guard let value = fields.value("prices"),
            let prices = MappingReader(value, name: "\(fields.name).prices", allowed: intervals, problems: problems)
        else { return [:] }
        var ids: [String: String] = [:]
        for interval in intervals {
            let id = prices.text(interval, allowed: "the id of a Stripe price (price_…)") { text in
                (1...255).contains(text.utf8.count) && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f }
            }
            guard let id else { continue }
            if let owner = owners.updateValue("\(prices.name).\(interval)", forKey: id) {
                prices.note(interval, "\"\(id)\" is the price of \(owner) already")
            }
            ids[interval] = id
        }
        return ids
    }

    private func readFeatures(_ fields: MappingReader) -> Set<String> {
        var names: Set<String> = []
        for (name, origin) in fields.texts("features") {
            if !features.contains(name) {
                let hint = NearestName.hint(name, in: features)
                problems.add(origin, "\(fields.name).features names the unknown feature \"\(name.shortened)\": \(hint)")
            } else if !names.insert(name).inserted {
                problems.add(origin, "\(fields.name).features names \"\(name)\" twice")
            }
        }
        return names
    }

    private func readLimits(_ fields: MappingReader) -> [String: Limit] {
        guard let value = fields.value("limits") else { return [:] }
        let name = "\(fields.name).limits"
        var limits: [String: Limit] = [:]
        for entry in MappingReader.entries(of: value, name: name, problems: problems) ?? [] {
            guard let meter = meters.meters.first(where: { $0.meter.name == entry.key }) else {
                if meters.unreadable.contains(entry.key) { continue }
                let hint = NearestName.hint(entry.key, in: meters.meters.map(\.meter.name))
                problems.add(entry.keyOrigin, "\(name) limits the unknown meter \"\(entry.key.shortened)\": \(hint)")
                continue
            }
            limits[entry.key] = LimitReader(meter: meter, problems: problems).read(
                entry.value, name: "\(name).\(entry.key)")
        }
        return limits
    }
}
