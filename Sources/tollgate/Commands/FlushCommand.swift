import ArgumentParser

/// `tollgate flush`.
struct FlushCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flush",
        abstract: "Send what is owed to Stripe now.",
        discussion: """
            Says what was sent, what waits and why, and what failed. Exits with 4 if a send failed or the round \
            ended early; what was not acknowledged stays owed and is sent again later.

            EXAMPLES
              tollgate flush
              tollgate flush --json
            """)

    /// How long the daemon may take to send everything that is owed.
    private static let deadline: Duration = .seconds(900)

    @OptionGroup var control: ControlOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let client = try control.client()
        let spinner = Spinner(console: .standard, label: "sending what is owed")
        let report = try await spinner.turn { () async throws(CommandFailure) in
            try await client.send(
                "POST", ControlPath("/v1/billing/flush"), deadline: FlushCommand.deadline)
        }
        output.show(report) { style in FlushText.text(report, style) }
        if FlushText.hasFailures(report) { throw ExitCode(Outcome.fault.rawValue) }
    }
}
