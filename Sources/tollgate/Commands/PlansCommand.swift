import ArgumentParser

/// `tollgate plans`: the catalogue's file, without the daemon.
struct PlansCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plans",
        abstract: "Check or show the plan catalogue. Needs no daemon.",
        discussion: """
            EXAMPLES
              tollgate plans validate --plans config/plans.yaml
              tollgate plans show
            """,
        subcommands: [PlansValidateCommand.self, PlansShowCommand.self])
}
