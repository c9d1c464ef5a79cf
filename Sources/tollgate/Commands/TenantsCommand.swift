import ArgumentParser

/// `tollgate tenants`.
struct TenantsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tenants",
        abstract: "List the tenants that were put.",
        discussion: """
            EXAMPLES
              tollgate tenants
              tollgate tenants --plan starter --all
              tollgate tenants --prefix acme- --status past_due --json
            """)

    @Option(help: ArgumentHelp("Only ids that begin so.", valueName: "text"))
    var prefix: String?

    @Option(help: ArgumentHelp("Only those of this plan.", valueName: "plan"))
    var plan: String?

    @Option(
        help: ArgumentHelp(
            "Only those whose subscription has this status; \"none\" for those without one.", valueName: "status"))
    var status: String?

    @OptionGroup var page: PageOptions
    @OptionGroup var control: ControlOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let path = page.applied(to: ControlPath("/v1/tenants"))
            .setting("prefix", prefix).setting("plan", plan).setting("status", status)
        let list = try await control.client().list(path, field: "tenants", all: page.all)
        output.show(list) { style in TenantsCommand.text(list, style) }
    }

    private static let columns: [(field: String, title: String)] = [
        ("id", "TENANT"), ("plan", "PLAN"), ("status", "STATUS"), ("customer", "CUSTOMER"),
        ("period_end", "PERIOD ENDS"), ("restricted", "RESTRICTED"),
    ]

    static func text(_ list: JSONValue, _ style: TextStyle) -> String {
        let tenants = list["tenants"]?.list ?? []
        guard !tenants.isEmpty else { return "no tenants\n" + PageOptions.footer(list, style) }
        let rows = tenants.map { tenant in columns.map { Table.Cell(tenant[$0.field]?.words ?? "-") } }
        return Table(columns.map { .init($0.title) }, rows: rows).text(style) + PageOptions.footer(list, style)
    }
}
