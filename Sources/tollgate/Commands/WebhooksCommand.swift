import ArgumentParser

/// `tollgate webhooks`.
struct WebhooksCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "webhooks",
        abstract: "Show Stripe's events that wait to be applied, or that were given up.",
        discussion: """
            EXAMPLES
              tollgate webhooks
              tollgate webhooks --dead --json
              tollgate webhooks retry evt_1Pgc76B7WZ01zgkW
            """,
        subcommands: [WebhooksListCommand.self, WebhooksRetryCommand.self],
        defaultSubcommand: WebhooksListCommand.self)
}

/// `tollgate webhooks list`.
struct WebhooksListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List them, the oldest first.",
        discussion: """
            REASON is why an event is not applied yet, or never was.

            EXAMPLES
              tollgate webhooks list
              tollgate webhooks list --dead --all
            """)

    @Flag(help: "Those that were given up.")
    var dead = false

    @OptionGroup var page: PageOptions
    @OptionGroup var control: ControlOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let path = page.applied(to: ControlPath("/v1/webhooks")).setting("state", dead ? "dead" : "pending")
        let list = try await control.client().list(path, field: "events", all: page.all)
        output.show(list) { [dead] style in Self.text(list, dead: dead, style) }
    }

    private static let columns: [(field: String, column: Table.Column)] = [
        ("event", .init("EVENT")), ("type", .init("TYPE")), ("object", .init("OBJECT")),
        ("received_at", .init("RECEIVED")), ("attempts", .init("ATTEMPTS", .trailing)), ("reason", .init("REASON")),
    ]

    static func text(_ list: JSONValue, dead: Bool, _ style: TextStyle) -> String {
        let counts = "waiting: \(list["pending"]?.words ?? "-"), given up: \(list["dead"]?.words ?? "-")\n"
        let events = list["events"]?.list ?? []
        guard !events.isEmpty else { return counts + PageOptions.footer(list, style) }
        let rows = events.map { event in
            columns.map { Table.Cell(event[$0.field]?.words ?? "-") }
        }
        return Table(columns.map(\.column), rows: rows).text(style) + counts + PageOptions.footer(list, style)
    }
}

/// `tollgate webhooks retry`.
struct WebhooksRetryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry", abstract: "Have an event that was given up applied again.",
        discussion: """
            EXAMPLES
              tollgate webhooks retry evt_1Pgc76B7WZ01zgkW
            """)

    @Argument(help: "The event's id.")
    var event: String

    @OptionGroup var control: ControlOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let path = ControlPath("/v1/webhooks", segment: event, then: "/retry")
        let answer = try await control.client().send("POST", path)
        output.show(answer) { [event] _ in "\(event.printableLine) waits to be applied\n" }
    }
}
