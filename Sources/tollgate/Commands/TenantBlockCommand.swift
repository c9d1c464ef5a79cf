import ArgumentParser

/// `tollgate tenant block`.
struct TenantBlockCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "block",
        abstract: "Refuse every call of a tenant, as restricted.",
        discussion: """
            It counts at every daemon within a second. What has happened is counted all the same, by RECORD.

            EXAMPLES
              tollgate tenant block acme --reason "stolen key"
              tollgate tenant block acme --until 1h --reason "runaway script"
            """)

    @Argument(help: "The tenant's id.")
    var tenant: String

    @Option(help: ArgumentHelp("When it ends: 1h from now, RFC 3339, or a day.", valueName: "time"))
    var until: Moment?

    @Option(help: ArgumentHelp("Why: it is kept and shown.", valueName: "text"))
    var reason: String

    @OptionGroup var control: ControlOptions
    @OptionGroup var output: OutputOptions

    func validate() throws { try TenantCommand.check(tenant) }

    func run() async throws {
        let body: JSONValue = .object(["until": .optional(until?.after().text), "reason": .text(reason)])
        let record = try await control.client().send("POST", TenantCommand.path(tenant, "block"), body: body)
        output.show(record) { style in TenantText.text(record, style) }
    }
}
