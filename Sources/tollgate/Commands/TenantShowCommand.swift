import ArgumentParser

/// `tollgate tenant show`.
struct TenantShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a tenant: plan, subscription, period, meters, features.",
        discussion: """
            EXAMPLES
              tollgate tenant show acme
              tollgate tenant show acme --json
            """)

    @Argument(help: "The tenant's id.")
    var tenant: String

    @OptionGroup var control: ControlOptions
    @OptionGroup var output: OutputOptions

    func validate() throws { try TenantCommand.check(tenant) }

    func run() async throws {
        let record = try await control.client().send("GET", TenantCommand.path(tenant))
        output.show(record) { style in TenantText.text(record, style) }
    }
}
