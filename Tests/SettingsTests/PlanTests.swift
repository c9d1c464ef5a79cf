import Metering
import Settings
import Testing

struct PlanTests {
    private static let head = """
        features: [sla, branding]
        meters: {calls: {kind: counter, per: day}, rps: {kind: rate, per: minute}, disk: {kind: level, unit: bytes}}
        plans:
          p:

        """

    private static let plans: [(yaml: String, message: String)] = [
        ("limits: {}", "5:5: plans.p.name is missing"),
        ("name: [P]", "5:11: plans.p.name must be text, not a list"),
        ("name: P\n    nmae: P", "6:5: unknown key \"nmae\" in plans.p: did you mean \"name\"?"),
        ("name: P\n    public: yes", "6:13: plans.p.public must be true or false, not yes"),
        ("name: P\n    order: first", "6:12: plans.p.order must be a whole number from 0 to 1000000, not first"),
        ("name: P\n    bullets: [{a: 1}]", "6:15: plans.p.bullets must be a list of texts, not of a mapping"),
        (
            "name: P\n    prices: {weekly: x}",
            "6:14: unknown key \"weekly\" in plans.p.prices: allowed are monthly, yearly"
        ),
        (
            "name: P\n    prices: {monthly: price_1, yearly: price_1}",
            "6:40: plans.p.prices.yearly \"price_1\" is the price of plans.p.prices.monthly already"
        ),
        (
            "name: P\n    prices: {monthly: \"price 1\"}",
            "6:23: plans.p.prices.monthly must be the id of a Stripe price (price_…), not the text \"price 1\""
        ),
        (
            "name: P\n    features: [slo]",
            "6:16: plans.p.features names the unknown feature \"slo\": did you mean \"sla\"?"
        ),
        ("name: P\n    features: [sla, sla]", "6:21: plans.p.features names \"sla\" twice"),
        (
            "name: P\n    limits: {callz: 5}",
            "6:14: plans.p.limits limits the unknown meter \"callz\": did you mean \"calls\"?"
        ),
        (
            "name: P\n    limits: {something: 5}",
            "6:14: plans.p.limits limits the unknown meter \"something\": allowed are calls, rps, disk"
        ),
        ("name: P\n    limits: [calls]", "6:13: plans.p.limits must be a mapping, not a list"),
    ]

    @Test(arguments: plans)
    func `what is wrong with a plan is named with its place`(yaml: String, message: String) throws {
        let problems = try SettingsFiles().problems(plans: "\(Self.head)    \(yaml)\n")
        #expect(problems == ["plans.yaml:\(message)"])
    }

    private static let number = "must be a whole number from 0 to 999999999999999"
    private static let threshold = "must be a percentage from 1% to 1000%, or a whole number from 1 to 999999999999999"
    private static let limits: [(yaml: String, message: String)] = [
        ("calls: -2", "6:22: plans.p.limits.calls \(number), -1 for unlimited, not -2"),
        ("calls: 1.5", "6:22: plans.p.limits.calls \(number), -1 for unlimited, not 1.5"),
        ("calls: \"5\"", "6:22: plans.p.limits.calls \(number), -1 for unlimited, not the text \"5\""),
        ("calls: ", "6:23: plans.p.limits.calls \(number), -1 for unlimited, not nothing"),
        (
            "calls: 1000000000000000",
            "6:22: plans.p.limits.calls \(number), -1 for unlimited, not 1000000000000000"
        ),
        ("calls: 1GiB", "6:22: plans.p.limits.calls must be a number, not the size 1GiB: calls counts no bytes"),
        ("disk: 1gib", "6:21: plans.p.limits.disk \(number), -1 for unlimited, or a size (10GiB), not 1gib"),
        ("calls: {mode: hard}", "6:22: plans.p.limits.calls.limit is missing"),
        ("calls: {limit: 5, burst: 2}", "6:40: plans.p.limits.calls.burst is for rates, and calls is a counter"),
        ("calls: {limit: 5, cap: 9}", "6:38: plans.p.limits.calls.cap needs mode: overage, and the mode is hard"),
        (
            "calls: {limit: 5, mode: overage, cap: 4}",
            "6:53: plans.p.limits.calls.cap must be at least the limit, 5, not 4"
        ),
        (
            "calls: {limit: -1, mode: overage, cap: 4}",
            "6:54: plans.p.limits.calls.cap has no meaning on an unlimited limit"
        ),
        ("calls: {limit: 5, mode: overage, cap: -1}", "6:53: plans.p.limits.calls.cap \(number), not -1"),
        (
            "calls: {limit: 5, alerts: [80, {at: \"80\"}]}",
            "6:51: plans.p.limits.calls.alerts[1].at \(threshold), not the text \"80\""
        ),
        ("calls: {limit: 5, alerts: [0%]}", "6:42: plans.p.limits.calls.alerts[0] \(threshold), not 0%"),
        ("calls: {limit: 5, alerts: [1001%]}", "6:42: plans.p.limits.calls.alerts[0] \(threshold), not 1001%"),
        ("calls: {limit: 5, alerts: [1KiB]}", "6:42: plans.p.limits.calls.alerts[0] \(threshold), not 1KiB"),
        (
            "disk: {limit: 5, alerts: [1kib]}",
            "6:41: plans.p.limits.disk.alerts[0] \(threshold) or a size (10GiB), not 1kib"
        ),
        ("calls: {limit: 5, alerts: [{on: up}]}", "6:42: plans.p.limits.calls.alerts[0].at is missing"),
        (
            "calls: {limit: 5, alerts: [{at: 80%, on: rise}]}",
            "6:56: plans.p.limits.calls.alerts[0].on must be one of up, down, both, not rise"
        ),
        (
            "calls: {limit: 5, alerts: [{at: 80%, of: 5}]}",
            "6:52: unknown key \"of\" in plans.p.limits.calls.alerts[0]: did you mean \"on\"?"
        ),
        (
            "calls: {limit: 5, alerts: [80%, {at: \"80%\", on: down}]}",
            "6:47: plans.p.limits.calls.alerts has 80% twice: say on: both for both directions"
        ),
        (
            "calls: {limit: 5, alerts: [\((1...17).map { "\($0)%" }.joined(separator: ", "))]}",
            "6:41: plans.p.limits.calls.alerts must be at most 16 thresholds, not 17"
        ),
        (
            "rps: {limit: 5, on_store_failure: allow}",
            "6:49: plans.p.limits.rps.on_store_failure allow is not supported yet"
        ),
        ("calls: {limit: 5, lease: on}", "6:40: plans.p.limits.calls.lease must be off, not on"),
        ("rps: {limit: 5, mode: overage}", "6:37: plans.p.limits.rps.mode must be one of hard, shadow, not overage"),
        (
            "rps: {limit: 5, burst: 0}",
            "6:38: plans.p.limits.rps.burst must be a whole number from 1 to 999999999999999, not 0"
        ),
        (
            "rps: 60000001",
            "6:20: plans.p.limits.rps must be at most 60000000 per minute, one a microsecond, not 60000001"
        ),
        (
            "rps: {limit: 1, burst: 6000000}",
            "6:38: plans.p.limits.rps.burst takes more than ten years to drain at 1 per minute"
        ),
    ]

    @Test(arguments: limits)
    func `what is wrong with a limit is named with its place`(yaml: String, message: String) throws {
        let plans = "\(Self.head)    name: P\n    limits: { \(yaml) }\n"
        let problems = try SettingsFiles().problems(plans: plans)
        #expect(problems == ["plans.yaml:\(message)"])
    }

    @Test func `a limit has the alerts it states, else its meter's, else two; a rate has none`() throws {
        let plans = """
            meters:
              calls: {kind: counter, per: day}
              disk: {kind: level, unit: bytes, alerts: [1GiB, {at: 50%, on: both}]}
              mails: {kind: counter, per: day, alerts: off}
              rps: {kind: rate, per: minute}
            plans:
              p: {name: P, limits: {calls: 5, disk: 10GiB, mails: 5, rps: 5}}
              q: {name: Q, limits: {calls: {limit: 5, alerts: []}, disk: {limit: -1, alerts: ["90%"]}, mails: 1}}
            """
        let catalogue = try SettingsFiles().load("", plans: plans).catalogue
        func alerts(_ plan: String, _ meter: String) -> [Threshold]? { catalogue.plan(plan)?.limits[meter]?.alerts }
        #expect(alerts("p", "calls") == [Threshold(.percent(80)), Threshold(.percent(100))])
        #expect(alerts("p", "disk") == [Threshold(.amount(1 << 30)), Threshold(.percent(50), .both)])
        #expect(alerts("p", "mails") == [] && alerts("p", "rps") == [])
        #expect(alerts("q", "calls") == [] && alerts("q", "mails") == [])
        #expect(alerts("q", "disk") == [Threshold(.percent(90))])
    }

    @Test func `a rate of nothing is allowed, and every call of it refused`() throws {
        let plans = "\(Self.head)    name: P\n    limits: {rps: 0}\n"
        #expect(try SettingsFiles().problems(plans: plans).isEmpty)
    }
}
