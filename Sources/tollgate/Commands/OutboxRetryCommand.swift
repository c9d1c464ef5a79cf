import ArgumentParser

/// `tollgate outbox retry`.
struct OutboxRetryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry",
        abstract: "Send hours again that Stripe refused for good, once the cause is gone.",
        discussion: """
            They are owed again, and go out with the next flush. If Stripe refuses them again, they are dead again.

            EXAMPLES
              tollgate outbox retry --tenant acme --reason "customer restored"
              tollgate outbox retry --meter messages --hour 2026-11-26T10:00:00Z --reason "meter reactivated"
              tollgate outbox retry --all --reason "meter reactivated"
            """)

    @OptionGroup var hours: DeadHourOptions
    @OptionGroup var control: ControlOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let retried = try await hours.settle("retry", field: "retried", try control.client())
        output.show(.object(["retried": .list(retried)])) { _ in
            retried.isEmpty
                ? "no such hour is dead\n" : "owed again: \(retried.count) hours, which go out with the next flush\n"
        }
    }
}
