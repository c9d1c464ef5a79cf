import ArgumentParser

/// `tollgate doctor`.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check the daemon and everything it stands on, a line a check.",
        discussion: """
            Exits with 0 if nothing is at fault (warnings do not count), with 4 if something is, and with 3 if the \
            daemon cannot be reached.

            EXAMPLES
              tollgate doctor
              tollgate doctor --json
            """)

    /// Longer than the daemon's own wait for Stripe.
    private static let deadline: Duration = .seconds(60)

    @OptionGroup var control: ControlOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let report: JSONValue
        var outcome: Outcome
        do {
            report = try await control.client().send("GET", ControlPath("/v1/doctor"), deadline: Self.deadline)
            outcome = DoctorText.hasFault(report) ? .fault : .done
        } catch {
            guard error.outcome == .unreachable else { throw error }
            report = DoctorText.unreachable(error)
            outcome = .unreachable
        }
        output.show(report) { style in DoctorText.text(report, style) }
        if outcome != .done { throw ExitCode(outcome.rawValue) }
    }
}
