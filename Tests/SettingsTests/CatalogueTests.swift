import Foundation
import Metering
import Settings
import Testing

struct CatalogueTests {
    @Test func `the shipped catalogue is read as it is written`() throws {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "config/plans.yaml").path(percentEncoded: false)
        let catalogue = try Catalogue.load(plansPath: path)
        #expect(
            catalogue.meters == [
                Meter(name: "messages", kind: .counter, cycle: .month),
                Meter(
                    name: "tokens", kind: .counter, cycle: .period,
                    cost: TokenCost(per: 1_000_000, amount: 300, currency: "eur"),
                    stripe: StripeMeter(eventName: "tokens")),
                Meter(name: "storage_bytes", kind: .level, unit: "bytes"),
                Meter(name: "api_requests", kind: .rate, cycle: .minute),
                Meter(name: "chatbots", kind: .level), Meter(name: "knowledge_bases", kind: .level),
                Meter(name: "team_members", kind: .level),
            ])
        #expect(catalogue.plans.map(\.slug) == ["free", "starter", "professional", "enterprise"])
        #expect(catalogue.defaultPlan?.slug == "free" && catalogue.timeZone.secondsFromGMT() == 0)
        #expect(catalogue.features == ["custom_branding", "priority_support", "sla"])
        #expect(catalogue.subscriptionStatus == StatusRule.standard)
        #expect(
            catalogue.dunning == [
                DunningStep(afterDays: 0, action: .emailReminder), DunningStep(afterDays: 3, action: .emailUrgent),
                DunningStep(afterDays: 7, action: .restrictAccess), DunningStep(afterDays: 14, action: .emailFinal),
                DunningStep(afterDays: 21, action: .cancelSubscription),
            ])
        let professional = try #require(catalogue.plan("professional"))
        #expect(professional.highlight == "Most Popular" && professional.order == 2 && professional.isPublic)
        #expect(
            professional.prices == ["monthly": "price_professional_monthly", "yearly": "price_professional_yearly"])
        #expect(professional.limits["storage_bytes"]?.value == 10_737_418_240)
        #expect(professional.limits["tokens"]?.isUnlimited == true)
        #expect(professional.features == ["custom_branding"] && professional.bullets.count == 6)
        #expect(catalogue.plan("free")?.isPublic == false)
    }

    @Test func `a limit takes what it does not say from its meter`() throws {
        let plans = """
            meters:
              calls: {kind: counter, per: day, mode: shadow, lease: off}
              rps: {kind: rate, per: hour}
              disk: {kind: level, unit: bytes, on_store_failure: deny}
            plans:
              a:
                name: A
                limits:
                  calls: 5
                  rps: {limit: 100, burst: 10}
                  disk: {limit: 1GiB, mode: overage, cap: 2GiB}
              b:
                name: B
                limits:
                  calls: {limit: 5, mode: overage, cap: 5, lease: off}
                  disk: 512
            """
        let catalogue = try SettingsFiles().load("", plans: plans).catalogue
        #expect(
            catalogue.plan("a")?.limits == [
                "calls": Limit(value: 5, mode: .shadow, leaseOff: true, alerts: Threshold.standard),
                "rps": Limit(value: 100, burst: 10),
                "disk": Limit(value: 1 << 30, mode: .overage, cap: 2 << 30, alerts: Threshold.standard),
            ])
        #expect(
            catalogue.plan("b")?.limits == [
                "calls": Limit(value: 5, mode: .overage, cap: 5, leaseOff: true, alerts: Threshold.standard),
                "disk": Limit(value: 512, alerts: Threshold.standard),
            ])
        #expect(catalogue.defaultPlan == nil && catalogue.timeZone == .gmt)
    }

    private static let whole: [(yaml: String, message: String)] = [
        ("", "1:1: meters is missing"),
        ("[]", "1:1: the file must be a mapping, not a list"),
        (
            "time_zone: Mars/Base\n",
            "1:12: time_zone must be the name of a time zone (UTC, Europe/Berlin), not Mars/Base"
        ),
        ("default_plan: fre\n", "1:15: default_plan names the unknown plan \"fre\": did you mean \"free\"?"),
        ("features: [sla, sla]\n", "1:17: feature \"sla\" is listed twice"),
        ("features: sla\n", "1:11: features must be a list, not sla"),
        ("features: [[a]]\n", "1:12: features must be a list of texts, not of a list"),
        (
            "features: [Sla]\n",
            """
            1:12: "Sla" cannot be a feature's name: \
            1 to 64 of a-z 0-9 _, a letter first, and none of id, at, ttl, period
            """
        ),
        (
            "subscription_status: {activ: plan}\n",
            "1:23: unknown key \"activ\" in subscription_status: did you mean \"active\"?"
        ),
        (
            "subscription_status: {active: free}\n",
            "1:31: subscription_status.active must be one of plan, default_plan, not free"
        ),
        ("dunning: [{after_days: 1}]\n", "1:11: dunning[0].action is missing"),
        (
            "dunning: [{after_days: -1, action: email_final}]\n",
            "1:24: dunning[0].after_days must be a whole number from 0 to 365, not -1"
        ),
        (
            "dunning: [{after_days: 3, action: email_final}, {after_days: 2, action: email_final}]\n",
            "1:62: dunning[1].after_days must not be before the step above (3), not 2"
        ),
        ("planz: {}\n", "1:1: unknown key \"planz\": did you mean \"plans\"?"),
    ]

    @Test(arguments: whole)
    func `what is wrong at the top is named with its place`(yaml: String, message: String) throws {
        let rest = yaml.hasPrefix("[") ? "" : "meters: {}\nplans: {free: {name: Free}}\n"
        let expected = yaml.isEmpty ? ["plans.yaml:1:1: meters is missing", "plans.yaml:1:1: plans is missing"] : []
        let problems = try SettingsFiles().problems(plans: yaml.isEmpty ? "" : yaml + rest)
        #expect(problems == (yaml.isEmpty ? expected : ["plans.yaml:\(message)"]))
    }

    private static let meters: [(yaml: String, message: String)] = [
        ("a: 5", "2:6: meters.a must be a mapping, not 5"),
        ("a: {per: day}", "2:6: meters.a.kind is missing"),
        ("a: {kind: gauge}", "2:13: meters.a.kind must be one of counter, rate, level, concurrency, not gauge"),
        (
            "a: {kind: concurrency, per: day}",
            "2:31: meters.a.per is for counters and rates: a concurrency has no period"
        ),
        ("a: {kind: counter}", "2:6: meters.a.per is missing"),
        (
            "a: {kind: counter, per: week}",
            "2:27: meters.a.per must be one of minute, hour, day, month, period, not week"
        ),
        ("a: {kind: rate, per: month}", "2:24: meters.a.per must be one of minute, hour, day, not month"),
        ("a: {kind: level, per: day}", "2:25: meters.a.per is for counters and rates: a level has no period"),
        ("a: {kind: level, mod: hard}", "2:20: unknown key \"mod\" in meters.a: did you mean \"mode\"?"),
        ("a: {kind: level, mode: soft}", "2:26: meters.a.mode must be one of hard, overage, shadow, not soft"),
        ("a: {kind: rate, per: day, mode: overage}", "2:35: meters.a.mode must be one of hard, shadow, not overage"),
        (
            "a: {kind: level, alerts: 80%}",
            "2:28: meters.a.alerts must be off or a list of thresholds ([80%, 100%]), not 80%"
        ),
        (
            "a: {kind: rate, per: day, alerts: [80%]}",
            "2:37: meters.a.alerts are for counters and levels: a rate has no total that could pass one"
        ),
        ("a: {kind: level, on_store_failure: allow}", "2:38: meters.a.on_store_failure allow is not supported yet"),
        (
            "a: {kind: level, on_store_failure: fraction}",
            "2:38: meters.a.on_store_failure fraction is not supported yet"
        ),
        ("a: {kind: level, on_store_failure: ask}", "2:38: meters.a.on_store_failure must be deny, not ask"),
        ("a: {kind: level, lease: 5}", "2:27: meters.a.lease must be off, not 5"),
        (
            "a: {kind: level, unit: \"\"}",
            "2:26: meters.a.unit must be the name of a unit, 1 to 32 characters, not the text \"\""
        ),
        (
            "a: {kind: level, stripe: {event_name: x}}",
            "2:28: meters.a.stripe is for counters: a level is not billed by usage"
        ),
        ("a: {kind: counter, per: day, stripe: {}}", "2:40: meters.a.stripe.event_name is missing"),
        (
            "a: {kind: counter, per: day, stripe: {mode: usage_record, price: p, event_name: x}}",
            "2:83: meters.a.stripe.event_name is not for usage_record: name its price"
        ),
        ("a: {kind: counter, per: day, stripe: {mode: usage_record}}", "2:40: meters.a.stripe.price is missing"),
        (
            "a: {kind: counter, per: day, stripe: {price: p, event_name: x}}",
            "2:48: meters.a.stripe.price is for usage_record only: name the event_name"
        ),
        (
            "a: {kind: counter, per: day, stripe: {mode: max, event_name: x}}",
            "2:47: meters.a.stripe.mode must be one of window, sum, usage_record, not max"
        ),
        ("a: {kind: level, cost: {per: 1, amount: 1}}", "2:26: meters.a.cost.currency is missing"),
        (
            "a: {kind: level, cost: {per: 0, amount: 1, currency: eur}}",
            "2:32: meters.a.cost.per must be a whole number from 1 to 999999999999999, not 0"
        ),
        (
            "a: {kind: level, cost: {per: 1, amount: 1.5, currency: eur}}",
            "2:43: meters.a.cost.amount must be a whole number from 0 to 999999999999999, not 1.5"
        ),
        (
            "a: {kind: level, cost: {per: 1, amount: 1, currency: EUR}}",
            "2:56: meters.a.cost.currency must be three small letters (eur), not EUR"
        ),
        (
            "ttl: {kind: level}",
            """
            2:3: "ttl" cannot be a meter's name: 1 to 64 of a-z 0-9 _, a letter first, and none of id, at, ttl, period
            """
        ),
        ("a: {kind: level}\n  a: {kind: level}", "2:3: duplicate key \"a\": a key stands once in its mapping"),
    ]

    @Test(arguments: meters)
    func `what is wrong with a meter is named with its place`(yaml: String, message: String) throws {
        let problems = try SettingsFiles().problems(plans: "meters:\n  \(yaml)\nplans: {}\n")
        #expect(problems == ["plans.yaml:\(message)"])
    }

    @Test func `a meter that is wrong is one problem, not one more in each plan`() throws {
        let plans = """
            meters: {a: {kind: gauge}}
            plans: {p: {name: P, limits: {a: 5}}}
            """
        let problems = try SettingsFiles().problems(plans: plans)
        #expect(
            problems == ["plans.yaml:1:20: meters.a.kind must be one of counter, rate, level, concurrency, not gauge"])
    }

    @Test func `two meters cannot share an event name`() throws {
        let plans = """
            meters:
              a: {kind: counter, per: day, stripe: {event_name: x}}
              b: {kind: counter, per: day, stripe: {event_name: x}}
            plans: {}
            """
        let problems = try SettingsFiles().problems(plans: plans)
        #expect(problems == ["plans.yaml:3:53: meters.b.stripe.event_name \"x\" is used by meters.a already"])
    }
}
