import ArgumentParser

/// `tollgate outbox list`, which is `tollgate outbox`.
struct OutboxListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Show the hours whose usage Stripe has not acknowledged yet.",
        discussion: """
            OWED is what the hour's total is above what Stripe has acknowledged. With --dead it shows the hours that \
            Stripe refused for good instead, with Stripe's own words: they are not owed, and nothing is sent of them \
            until somebody retries or drops them.

            EXAMPLES
              tollgate outbox
              tollgate outbox --tenant acme --all
              tollgate outbox --dead
              tollgate outbox --json
            """)

    @Option(help: ArgumentHelp("Only this tenant's.", valueName: "id"))
    var tenant: String?

    @Flag(help: "The hours that Stripe refused for good.")
    var dead = false

    @OptionGroup var page: PageOptions
    @OptionGroup var control: ControlOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if let tenant { try TenantCommand.check(tenant) }
    }

    func run() async throws {
        if dead { return try await showDead() }
        let path = page.applied(to: ControlPath("/v1/billing/outbox")).setting("tenant", tenant)
        let list = try await control.client().list(path, field: "owed", all: page.all)
        output.show(list) { style in OutboxListCommand.text(list, style) }
    }

    private func showDead() async throws {
        let path = page.applied(to: ControlPath("/v1/billing/outbox/dead")).setting("tenant", tenant)
        let list = try await control.client().list(path, field: "dead", all: page.all)
        output.show(list) { style in OutboxListCommand.deadText(list, style) }
    }

    private static let deadColumns: [(field: String, column: Table.Column)] = [
        ("tenant", .init("TENANT")), ("meter", .init("METER")), ("hour", .init("HOUR")),
        ("total", .init("TOTAL", .trailing)), ("since", .init("SINCE")), ("code", .init("CODE")),
        ("request", .init("REQUEST")), ("message", .init("STRIPE SAYS")),
    ]

    static func deadText(_ list: JSONValue, _ style: TextStyle) -> String {
        let hours = list["dead"]?.list ?? []
        guard !hours.isEmpty else { return "no dead hours\n" + PageOptions.footer(list, style) }
        let rows = hours.map { hour in
            deadColumns.map { Table.Cell(hour[$0.field]?.words ?? "-", $0.field == "code" ? .bad : .plain) }
        }
        let count = list["count"].map { "dead hours: \($0.words)\n" } ?? ""
        return Table(deadColumns.map(\.column), rows: rows).text(style) + count + PageOptions.footer(list, style)
    }

    private static let columns: [(field: String, column: Table.Column)] = [
        ("tenant", .init("TENANT")), ("meter", .init("METER")), ("hour", .init("HOUR")),
        ("total", .init("TOTAL", .trailing)), ("acknowledged", .init("ACKNOWLEDGED", .trailing)),
        ("owed", .init("OWED", .trailing)), ("state", .init("STATE")),
    ]

    static func text(_ list: JSONValue, _ style: TextStyle) -> String {
        let hours = list["owed"]?.list ?? []
        guard !hours.isEmpty else { return "nothing is owed\n" + PageOptions.footer(list, style) }
        let rows = hours.map { hour in
            columns.map { column in
                // The state's words say more than its name, which is for programs.
                let value = (column.field == "state" ? hour["detail"] : nil) ?? hour[column.field]
                return Table.Cell(value?.words ?? "-")
            }
        }
        let count = list["count"].map { "owed hours: \($0.words)\n" } ?? ""
        return Table(columns.map(\.column), rows: rows).text(style) + count + PageOptions.footer(list, style)
    }
}
