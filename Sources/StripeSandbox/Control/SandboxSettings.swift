/// How the account behaves, as `/_sandbox/settings` sets it.
struct SandboxSettings: Sendable {
    /// When an event's meter, customer and value are checked: with the answer, or later, as error reports.
    enum Validation: String, Sendable {
        case sync, async
    }

    var validation = Validation.async
    /// For how long event summaries do not show what was received.
    var summaryDelaySeconds = 0
    /// How long each request takes, in milliseconds.
    var latencyMilliseconds = 0
    var limits = RateLimits()

    /// Changes what the JSON names; nothing when any of it is wrong.
    mutating func apply(_ json: JSONValue) throws(ControlError) {
        let input = try ControlInput(json, allowing: ["validation", "summary_delay_seconds", "latency_ms", "limits"])
        var changed = self
        if let name = try input.optionalText("validation") {
            guard let validation = Validation(rawValue: name) else {
                throw ControlError("validation must be sync or async")
            }
            changed.validation = validation
        }
        changed.summaryDelaySeconds = try input.integer(
            "summary_delay_seconds", default: summaryDelaySeconds, in: 0...30 * 86_400)
        changed.latencyMilliseconds = try input.integer(
            "latency_ms", default: latencyMilliseconds, in: 0...Fault.maximumDelay)
        if let limits = input.members["limits"] { changed.limits = try RateLimits(limits) }
        self = changed
    }

    var body: JSONValue {
        .object([
            "validation": .text(validation.rawValue), "summary_delay_seconds": .integer(summaryDelaySeconds),
            "latency_ms": .integer(latencyMilliseconds), "limits": limits.body,
        ])
    }
}
