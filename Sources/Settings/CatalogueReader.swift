import Foundation
import Metering

/// Reads plans.yaml into a catalogue. What is wrong is noted, and left out of what is returned.
struct CatalogueReader {
    let problems: ProblemList

    func read(path: String) -> Catalogue {
        let empty = Catalogue(meters: [], plans: [])
        guard let document = YAMLFile(path: path, problems: problems).read() else { return empty }
        let top = MappingReader(
            document, name: "",
            allowed: ["time_zone", "default_plan", "features", "meters", "plans", "subscription_status", "dunning"],
            problems: problems)
        guard let top else { return empty }

        let features = readFeatures(top)
        let meters = top.required("meters").map { MeterReader(problems: problems).read($0) } ?? MeterList()
        let plans =
            top.required("plans").map {
                PlanReader(meters: meters, features: features, problems: problems).read($0)
            } ?? []
        return Catalogue(
            meters: meters.meters.map(\.meter), plans: plans, defaultPlan: readDefaultPlan(top, plans: plans),
            timeZone: readTimeZone(top), features: features, subscriptionStatus: readSubscriptionStatus(top),
            dunning: readDunning(top))
    }

    private func readFeatures(_ top: MappingReader) -> [String] {
        var features: [String] = []
        for (name, origin) in top.texts("features") {
            if !Identifier.isName(name) {
                problems.add(origin, "\"\(name.shortened)\" cannot be a feature's name: \(CatalogueReader.nameRule)")
            } else if features.contains(name) {
                problems.add(origin, "feature \"\(name)\" is listed twice")
            } else {
                features.append(name)
            }
        }
        return features
    }

    private func readDefaultPlan(_ top: MappingReader, plans: [Plan]) -> String? {
        let slugs = plans.map(\.slug)
        guard let slug = top.text("default_plan", allowed: "the name of a plan") else { return nil }
        if slugs.contains(slug) { return slug }
        top.note("default_plan", "names the unknown plan \"\(slug.shortened)\": \(NearestName.hint(slug, in: slugs))")
        return nil
    }

    private func readTimeZone(_ top: MappingReader) -> TimeZone {
        let zone = top.parsed("time_zone", allowed: "the name of a time zone (UTC, Europe/Berlin)") { text, _ in
            TimeZone(identifier: text)
        }
        return zone ?? .gmt
    }

    private func readSubscriptionStatus(_ top: MappingReader) -> [SubscriptionStatus: StatusRule] {
        guard let value = top.value("subscription_status") else { return [:] }
        let statuses = MappingReader(
            value, name: "subscription_status", allowed: SubscriptionStatus.allCases.map(\.rawValue),
            problems: problems)
        var rules: [SubscriptionStatus: StatusRule] = [:]
        for status in SubscriptionStatus.allCases {
            rules[status] = statuses?.word(status.rawValue, allowed: StatusRule.allCases)
        }
        return rules
    }

    private func readDunning(_ top: MappingReader) -> [DunningStep] {
        var steps: [DunningStep] = []
        for (index, item) in top.list("dunning").enumerated() {
            let step = MappingReader(
                item, name: "dunning[\(index)]", allowed: ["after_days", "action"], problems: problems)
            guard let step, step.required("after_days") != nil, step.required("action") != nil,
                let days = step.integer("after_days", in: 0...365),
                let action: DunningStep.Action = step.word("action", allowed: DunningStep.Action.allCases)
            else { continue }
            if let last = steps.last, Int(days) < last.afterDays {
                step.note("after_days", "must not be before the step above (\(last.afterDays)), not \(days)")
            }
            steps.append(DunningStep(afterDays: Int(days), action: action))
        }
        return steps
    }

    static let nameRule = "1 to 64 of a-z 0-9 _, a letter first, and none of id, at, ttl, period"
}
