import ArgumentParser

/// `tollgate outbox`: what Stripe does not have.
struct OutboxCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "outbox",
        abstract: "Show the hours whose usage Stripe has not acknowledged yet; retry or drop what it refused.",
        discussion: """
            Without a subcommand it lists: `tollgate help outbox list` tells its options.

            EXAMPLES
              tollgate outbox
              tollgate outbox --tenant acme --all
              tollgate outbox --dead
              tollgate outbox retry --tenant acme --reason "customer restored"
              tollgate outbox drop --tenant acme --reason "customer deleted, settled by hand"
              tollgate outbox --json
            """,
        subcommands: [OutboxListCommand.self, OutboxRetryCommand.self, OutboxDropCommand.self],
        defaultSubcommand: OutboxListCommand.self)
}
