import ArgumentParser
import Metering

/// Which of the hours that Stripe refused for good are meant.
struct DeadHourOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Only this tenant's.", valueName: "id"))
    var tenant: String?

    @Option(help: ArgumentHelp("Only this meter's.", valueName: "meter"))
    var meter: String?

    @Option(help: ArgumentHelp("Only this hour, as `outbox --dead` shows it.", valueName: "time"))
    var hour: Timestamp?

    @Flag(help: "All of them.")
    var all = false

    @Option(help: ArgumentHelp("Why: it is kept and shown.", valueName: "text"))
    var reason: String

    func validate() throws {
        if let tenant { try TenantCommand.check(tenant) }
        if let hour, hour.milliseconds % 3_600_000 != 0 { throw ValidationError("--hour is the start of an hour") }
        guard all == (tenant == nil && meter == nil && hour == nil) else {
            throw ValidationError("say which hours are meant: --tenant, --meter and --hour, or --all")
        }
    }

    /// The list of them.
    var list: ControlPath {
        ControlPath("/v1/billing/outbox/dead").setting("tenant", tenant).setting("meter", meter)
            .setting("hour", hour?.text).setting("limit", "1000")
    }

    /// Settles all of them, some at a time, and returns those that were.
    ///
    /// - Parameter action: `retry` or `drop`.
    /// - Parameter field: what the answer calls those that were settled.
    func settle(_ action: String, field: String, _ client: ControlClient) async throws -> [JSONValue] {
        var body: [String: JSONValue] = [
            "tenant": .optional(tenant), "meter": .optional(meter), "hour": .optional(hour?.text),
            "all": .boolean(all), "reason": .text(reason),
        ]
        var settled: [JSONValue] = []
        var places: Set<String> = []
        while true {
            let page = try await client.send(
                "POST", ControlPath("/v1/billing/outbox/\(action)"), body: .object(body))
            settled += page[field]?.list ?? []
            guard let next = page["next"]?.text else { return settled }
            guard places.insert(next).inserted else { throw CommandFailure("the list does not end", .fault) }
            body["after"] = .text(next)
        }
    }
}
