import ArgumentParser

/// `tollgate explain`.
struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Show why a tenant's calls are answered as they are.",
        discussion: """
            The plan and where it comes from, what refuses every call, and of each meter the limit, the period, the \
            usage, who has leased how much, and what is owed to Stripe; with the last call that this daemon's gate \
            refused. It changes nothing.

            EXAMPLES
              tollgate explain acme
              tollgate explain acme messages
              tollgate explain acme messages --json
            """)

    @Argument(help: "The tenant's id.")
    var tenant: String

    @Argument(help: ArgumentHelp("Only this meter (default: all of the tenant's plan).", valueName: "meter"))
    var meter: String?

    @OptionGroup var control: ControlOptions
    @OptionGroup var output: OutputOptions

    func validate() throws { try TenantCommand.check(tenant) }

    func run() async throws {
        let path = TenantCommand.path(tenant, "explain").setting("meter", meter)
        let explanation = try await control.client().send("GET", path)
        output.show(explanation) { style in ExplainText.text(explanation, style) }
    }
}
