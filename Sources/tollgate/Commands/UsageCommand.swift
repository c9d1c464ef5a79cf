import ArgumentParser

/// `tollgate usage`.
struct UsageCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "usage",
        abstract: "Show what a tenant has used, of how much, in which period.",
        discussion: """
            RESERVED is what open reservations hold, OVERAGE what is used past the limit, PROJECTED what a counter \
            will have used at its period's end if it goes on like this. Columns that say nothing are left out, and \
            --json has them all.

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
