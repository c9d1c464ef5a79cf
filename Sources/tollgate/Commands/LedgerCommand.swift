import ArgumentParser

/// `tollgate ledger`: the ledger's file, without the daemon.
struct LedgerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ledger",
        abstract: "Show the file with what a sidecar may spend and has used. Needs no daemon.",
        discussion: """
            EXAMPLES
              tollgate ledger show
              tollgate ledger show --unsettled /var/lib/tollgate/ledger-0.tgl
            """,
        subcommands: [LedgerShowCommand.self])
}
