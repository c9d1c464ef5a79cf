import ArgumentParser

/// `tollgate audit`.
struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Show who changed what of which tenant, when and why.",
        discussion: """
            Newest last. ACTOR is uid:N for a user of the control socket, token:control for a caller over TCP, \
            webhook:ID for Stripe, timer:NAME and gate:HOLDER for tollgate itself.

            EXAMPLES
              tollgate audit
              tollgate audit --tenant acme --since 30d
              tollgate audit --action tenant.limit --since 2026-11-01
              tollgate audit --follow --json
            """)

    /// Between two looks for what is new.
    private static let interval: Duration = .seconds(1)

    @Option(help: ArgumentHelp("Only this tenant's.", valueName: "id"))
    var tenant: String?

    @Option(help: ArgumentHelp("Only from then on: 1h, 30d, RFC 3339, or a day (default: 24h).", valueName: "time"))
    var since = Moment.distance(86_400_000)

    @Option(help: ArgumentHelp("Only before then.", valueName: "time"))
    var until: Moment?

    @Option(help: ArgumentHelp("Only actions that begin so: tenant, tenant.limit, usage.", valueName: "action"))
    var action: String?

    @Flag(help: "Go on with what comes, until Ctrl-C.")
    var follow = false

    @Flag(name: .customLong("json"), help: "Write JSON, an entry a line, for programs.")
    var isJSON = false

    @OptionGroup var control: ControlOptions

    func validate() throws {
        if let tenant { try TenantCommand.check(tenant) }
        if follow, until != nil { throw ValidationError("--follow has no end, and --until is one: give one of them") }
    }

    func run() async throws {
        let client = try control.client()
        var path = ControlPath("/v1/audit").setting("tenant", tenant).setting("action", action)
            .setting("since", since.before().text).setting("until", until?.before().text).setting("limit", "1000")
        var layout = AuditText.layout
        var isFirst = true
        while true {
            let page = try await client.send("GET", path)
            let entries = page["entries"]?.list ?? []
            if isJSON {
                for entry in entries { Console.standard.write(entry.document + "\n") }
            } else if !entries.isEmpty {
                Console.standard.write(AuditText.text(entries, &layout, isFirst: isFirst, Console.standard.style))
            }
            if !entries.isEmpty { isFirst = false }
            path.set("after", page["place"]?.words)
            guard page["next"] == nil else { continue }
            guard follow else { break }
            try await Task.sleep(for: Self.interval)
        }
        if isFirst, !isJSON { Console.standard.write("nothing was changed\n") }
    }
}
