import ArgumentParser

/// `tollgate stripe`: the account at Stripe.
struct StripeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stripe",
        abstract: "Set the account at Stripe up, and take its customers over.",
        discussion: """
            The daemon asks Stripe, since it has the key. Both commands only look unless --apply is given.

            EXAMPLES
              tollgate stripe setup
              tollgate stripe setup --apply
              tollgate stripe import --mapping tenants.csv
              tollgate stripe import --mapping tenants.csv --apply
            """,
        subcommands: [StripeSetupCommand.self, StripeImportCommand.self])

    /// How long a part of the work may take: some tens of calls to Stripe, each with a deadline of its own.
    static let deadline: Duration = .seconds(300)
}
