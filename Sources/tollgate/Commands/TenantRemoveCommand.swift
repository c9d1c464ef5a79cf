import ArgumentParser

/// `tollgate tenant rm`.
struct TenantRemoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rm",
        abstract: "Remove a tenant.",
        discussion: """
            While hours of it are owed to Stripe, or dead, this is refused (exit code 1), since they could not be \
            billed any more; `tollgate outbox --tenant ID` shows them, and `--dead` those that Stripe refused.

            EXAMPLES
              tollgate tenant rm acme
              tollgate tenant rm acme --force
            """)

    @Argument(help: "The tenant's id.")
    var tenant: String

    @Flag(help: "Remove it though usage of it is not billed yet.")
    var force = false

    @Option(help: ArgumentHelp("Why, for the audit.", valueName: "text"))
    var reason: String?

    @OptionGroup var control: ControlOptions
    @OptionGroup var output: OutputOptions

    func validate() throws { try TenantCommand.check(tenant) }

    func run() async throws {
        let path = TenantCommand.path(tenant).setting("force", force ? "true" : nil).setting("reason", reason)
        let client = try control.client()
        let answer: JSONValue
        do {
            answer = try await client.send("DELETE", path)
        } catch {
            guard error.outcome == .refused else { throw error }
            throw CommandFailure("\(error.message)\n--force removes it all the same.", .refused)
        }
        output.show(answer) { _ in
            let dropped = answer["dropped_hours"]?.integer ?? 0
            guard dropped > 0 else { return "\(tenant) removed\n" }
            let hours = dropped == 1 ? "1 hour" : "\(dropped) hours"
            return "\(tenant) removed, and \(hours) with it that Stripe does not have\n"
        }
    }
}
