import ArgumentParser

/// The root of the command line.
struct TollgateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tollgate",
        abstract: "Ask whether a tenant may, count what it did, and bill it at Stripe exactly once.",
        discussion: """
            A daemon, `tollgate serve`, answers app servers on a Unix socket. The other commands ask that daemon.

            They look for its sockets at --socket and --control, else at TOLLGATE_SOCKET and TOLLGATE_CONTROL, else \
            in ./var and then in /run/tollgate.

            Exit codes: 0 done or allowed; 1 refused; 2 wrong usage; 3 the daemon or its Redis could not be reached; \
            4 a difference or a fault was found.

            EXAMPLES
              tollgate serve --config config/tollgate.yaml
              tollgate tenant put acme --plan starter
              tollgate take acme messages
              tollgate usage acme
              tollgate explain acme messages
              tollgate doctor
            """,
        version: "tollgate \(Release.version)",
        groupedSubcommands: [
            CommandGroup(
                name: "The daemon:",
                subcommands: [ServeCommand.self, TopCommand.self, DoctorCommand.self, LedgerCommand.self]),
            CommandGroup(
                name: "Asking and counting:",
                subcommands: [
                    CheckCommand.self, TakeCommand.self, RecordCommand.self, UsageCommand.self, ExplainCommand.self,
                ]),
            CommandGroup(
                name: "Tenants and plans:",
                subcommands: [TenantsCommand.self, TenantCommand.self, PlansCommand.self, AuditCommand.self]),
            CommandGroup(
                name: "Billing:",
                subcommands: [
                    FlushCommand.self, OutboxCommand.self, ReconcileCommand.self, WebhooksCommand.self,
                    StripeCommand.self,
                ]),
            CommandGroup(name: "About:", subcommands: [VersionCommand.self]),
        ])
}
