import ArgumentParser

/// `tollgate check`.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Would this be allowed now? Consumes nothing.",
        discussion: """
            Exits with 0 if the call would be allowed and with 1 if it would be refused.

            EXAMPLES
              tollgate check acme messages
              tollgate check acme messages 10 tokens 2500
              tollgate check acme api_requests --json
            """)

    @Argument(help: "The tenant's id.")
    var tenant: String

    @Argument(help: ArgumentHelp("Meters, each with its amount (default: 1).", valueName: "meter [n]"))
    var meters: [String]

    @OptionGroup var gate: GateOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        _ = try amounts
    }

    func run() throws {
        let decision = try GateDecision(gate.ask(["CHECK", tenant] + amounts.arguments))
        try output.finish(decision)
    }

    private var amounts: MeterAmounts {
        get throws(ValidationError) { try MeterAmounts(meters, missing: 1) }
    }
}

extension OutputOptions {
    /// Writes a decision, and ends the command with the exit code of a refusal if it is one.
    func finish(_ decision: GateDecision) throws(ExitCode) {
        show(decision.document, text: decision.text)
        if !decision.isAllowed { throw ExitCode(Outcome.refused.rawValue) }
    }
}
