import ArgumentParser

/// `tollgate stripe import`.
struct StripeImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Make tenants of the customers and subscriptions that Stripe has.",
        discussion: """
            A customer is the tenant that `tenant_id` in its metadata, or in that of its subscription, names, or the \
            one of the mapping file: CSV (`cus_1,acme`) or yaml (`cus_1: acme`), a customer a line. The plan is the \
            one of the catalogue that has a price of the subscription; status, period and billing day are the \
            subscription's. Without a subscription it is the plan that the tenant has, else the default plan.

            It may be stopped and run again at any time: what is imported already is found unchanged. Nothing of a \
            record that is somebody else's at Stripe is changed; that is a conflict, and so is everything else that \
            only people can settle. With --apply all customers are read twice, first for tenants that several of \
            them want to be.

            Exits with 0 if all is as Stripe says, or was made so; with 4 if something is to be done or in conflict.

            EXAMPLES
              tollgate stripe import
              tollgate stripe import --mapping tenants.csv
              tollgate stripe import --mapping tenants.yaml --apply
              tollgate stripe import --json
            """)

    @Flag(help: "Write what is found.")
    var apply = false

    @Option(help: ArgumentHelp("Which customer is which tenant, as CSV or yaml.", valueName: "file"))
    var mapping: String?

    @Option(help: ArgumentHelp("Go on behind this customer, which a run that broke off has named.", valueName: "id"))
    var after: String?

    @Option(help: ArgumentHelp("Why, for the audit.", valueName: "text"))
    var reason: String?

    @Flag(name: .customLong("json"), help: "Write JSON, a customer a line and a summary at the end, for programs.")
    var isJSON = false

    @OptionGroup var control: ControlOptions

    func run() async throws {
        let file = try mapping.map { path throws(CommandFailure) in try MappingFile(path: path) }
        var run = ImportRun(client: try control.client(), mapping: file?.tenants ?? [:], reason: reason, isJSON: isJSON)
        try await run.check(after: after, isLast: !apply)
        if apply { try await run.apply(after: after) }
        run.finish(isApplied: apply)
        if run.differs { throw ExitCode(Outcome.fault.rawValue) }
    }
}
