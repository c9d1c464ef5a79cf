import ArgumentParser

/// `tollgate outbox`.
struct OutboxCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "outbox",
        abstract: "Show the hours whose usage Stripe has not acknowledged yet.",
        discussion: """
            OWED is what the hour's total is above what Stripe has acknowledged.

            EXAMPLES
              tollgate outbox
              tollgate outbox --tenant acme --all
              tollgate outbox --json
            """)

    @Option(help: ArgumentHelp("Only this tenant's.", valueName: "id"))
    var tenant: String?

    @OptionGroup var page: PageOptions
    @OptionGroup var control: ControlOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if let tenant { try TenantCommand.check(tenant) }
    }

    func run() async throws {
        let path = page.applied(to: ControlPath("/v1/billing/outbox")).setting("tenant", tenant)
        let list = try await control.client().list(path, field: "owed", all: page.all)
        output.show(list) { style in OutboxCommand.text(list, style) }
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
