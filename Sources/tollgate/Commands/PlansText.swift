import FoundationEssentials
import Metering

/// A catalogue for people, a row a meter and a column a plan, and for programs.
enum PlansText {
    static func text(_ catalogue: Catalogue, _ style: TextStyle) -> String {
        let columns =
            [Table.Column("METER"), .init("KIND"), .init("PER")]
            + catalogue.plans.map { Table.Column($0.slug, .trailing) }
        let meters = catalogue.meters.map { meter in
            [Table.Cell(meter.name), .init(meter.kind.rawValue), .init(meter.cycle?.rawValue ?? "-")]
                + catalogue.plans.map { .init(limitText($0.limits[meter.name], unit: meter.unit)) }
        }
        let features = catalogue.features.map { feature in
            [Table.Cell(feature), .init("feature"), .init("-")]
                + catalogue.plans.map { .init($0.features.contains(feature) ? "yes" : "-") }
        }
        let fallback = catalogue.defaultPlan.map { "unknown tenants have the plan \($0.slug)" }
        let footer = (fallback ?? "unknown tenants are refused") + "; days are those of \(zone(catalogue))"
        return Table(columns, rows: meters + features).text(style) + alertsText(catalogue, style)
            + style.paint(footer, .faint) + "\n"
    }

    /// At which totals somebody is told, below the limits that they are parts of; nothing when nobody is of any.
    private static func alertsText(_ catalogue: Catalogue, _ style: TextStyle) -> String {
        let rows = catalogue.meters.compactMap { meter -> [Table.Cell]? in
            let limits = catalogue.plans.map { $0.limits[meter.name] }
            guard limits.contains(where: { !($0?.alerts.isEmpty ?? true) }) else { return nil }
            return [.init(meter.name)] + limits.map { .init(alertsText($0, unit: meter.unit)) }
        }
        guard !rows.isEmpty else { return "" }
        let columns = [Table.Column("ALERTS")] + catalogue.plans.map { Table.Column($0.slug, .trailing) }
        return "\n" + Table(columns, rows: rows).text(style)
    }

    /// `80% 100%`, with the direction where it is not upwards: `50% down`.
    private static func alertsText(_ limit: Limit?, unit: String?) -> String {
        guard let limit, !limit.isUnlimited, !limit.alerts.isEmpty else { return "-" }
        return limit.alerts.map { alert in
            let place =
                if case .amount(let amount) = alert.point, unit == "bytes" { bytesText(amount) } else { alert.label }
            return alert.direction == .up ? place : "\(place) \(alert.direction.rawValue)"
        }.joined(separator: ", ")
    }

    /// Foundation calls UTC otherwise than catalogues do.
    private static func zone(_ catalogue: Catalogue) -> String {
        catalogue.timeZone.identifier == "GMT" ? "UTC" : catalogue.timeZone.identifier
    }

    /// `1000`, `1GiB`, `unlimited`, with the mode where it is not hard: `1000 overage`.
    static func limitText(_ limit: Limit?, unit: String?) -> String {
        guard let limit else { return "-" }
        if limit.isUnlimited { return "unlimited" }
        let amount = unit == "bytes" ? bytesText(limit.value) : String(limit.value)
        switch (limit.mode, limit.cap) {
        case (.hard, _): return amount
        case (.overage, let cap?): return "\(amount) overage to \(unit == "bytes" ? bytesText(cap) : String(cap))"
        case (let mode, _): return "\(amount) \(mode.rawValue)"
        }
    }

    /// In the largest binary unit that shows the size as a whole number.
    private static func bytesText(_ bytes: Int64) -> String {
        let units = ["B", "KiB", "MiB", "GiB", "TiB"]
        var value = bytes
        var index = 0
        while value > 0, value % 1024 == 0, index + 1 < units.count {
            value /= 1024
            index += 1
        }
        return "\(value)\(units[index])"
    }

    static func document(_ catalogue: Catalogue) -> JSONValue {
        .object([
            "default_plan": .optional(catalogue.defaultPlan?.slug),
            "time_zone": .text(zone(catalogue)),
            "features": .list(catalogue.features.map { .text($0) }),
            "meters": .list(catalogue.meters.map(document)),
            "plans": .list(catalogue.plans.map(document)),
        ])
    }

    private static func document(_ meter: Meter) -> JSONValue {
        .object([
            "name": .text(meter.name), "kind": .text(meter.kind.rawValue), "per": .optional(meter.cycle?.rawValue),
            "unit": .optional(meter.unit),
        ])
    }

    private static func document(_ plan: Plan) -> JSONValue {
        .object([
            "plan": .text(plan.slug), "name": .text(plan.name), "description": .text(plan.description),
            "public": .boolean(plan.isPublic), "prices": .object(plan.prices.mapValues { .text($0) }),
            "features": .list(plan.features.sorted().map { .text($0) }),
            "limits": .object(plan.limits.mapValues(document)),
        ])
    }

    private static func document(_ limit: Limit) -> JSONValue {
        .object([
            "limit": .integer(limit.value), "mode": .text(limit.mode.rawValue),
            "cap": limit.cap.map { .integer($0) } ?? .null, "burst": limit.burst.map { .integer($0) } ?? .null,
            "alerts": .list(
                limit.alerts.map { .object(["at": .text($0.label), "on": .text($0.direction.rawValue)]) }),
        ])
    }
}
