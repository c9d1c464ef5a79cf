import ArgumentParser

/// `tollgate tenant unblock`.
struct TenantUnblockCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unblock",
        abstract: "Let limits decide again about a tenant that was blocked.",
        discussion: """
            EXAMPLES
              tollgate tenant unblock acme
              tollgate tenant unblock acme --reason "new key is out"
            """)

    @Argument(help: "The tenant's id.")
    var tenant: String

    @Option(help: ArgumentHelp("Why, for the audit.", valueName: "text"))
    var reason: String?

    @OptionGroup var control: ControlOptions
    @OptionGroup var output: OutputOptions

    func validate() throws { try TenantCommand.check(tenant) }

    func run() async throws {
        let body: JSONValue = .object(["reason": .optional(reason)])
        let record = try await control.client().send("POST", TenantCommand.path(tenant, "unblock"), body: body)
        output.show(record) { style in TenantText.text(record, style) }
    }
}
