import ArgumentParser

/// `tollgate usage`.
struct UsageCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "usage",
        abstract: "Show what a tenant has used, of how much, in which period.",
        discussion: """
            EXAMPLES
              tollgate usage acme
              tollgate usage acme messages tokens --json
            """)

    @Argument(help: "The tenant's id.")
    var tenant: String

    @Argument(help: ArgumentHelp("Only these meters (default: all of the tenant's plan).", valueName: "meter"))
    var meters: [String] = []

    @OptionGroup var gate: GateOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let usage = try GateUsage(tenant: tenant, gate.ask(["USAGE", tenant] + meters))
        output.show(usage.document, text: usage.text)
    }
}
