/// Why a command did not do what it was asked to.
struct CommandFailure: Error, Equatable, Sendable, CustomStringConvertible {
    /// What went wrong and what can be done about it, without a full stop's worth of noise around it.
    let message: String
    /// The exit code.
    let outcome: Outcome

    init(_ message: String, _ outcome: Outcome) {
        self.message = message
        self.outcome = outcome
    }

    var description: String { message }
}
