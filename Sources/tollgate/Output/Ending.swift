import ArgumentParser

/// What is written, and the exit code, when a command ends by throwing: a failure, a usage error, help, or a bare code.
struct Ending: Equatable {
    /// For standard output: help, a completion script.
    var output = ""
    /// For standard error.
    var errorOutput = ""
    let code: Int32

    init(_ error: any Error) {
        if let failure = error as? CommandFailure {
            errorOutput = Ending.line(failure.message)
            code = failure.outcome.rawValue
            return
        }
        if let exitCode = error as? ExitCode {
            code = exitCode.rawValue
            return
        }
        switch TollgateCommand.exitCode(for: error) {
        case .success:
            output = TollgateCommand.fullMessage(for: error) + "\n"
            code = Outcome.done.rawValue
        case .validationFailure:
            // The library says 64, tollgate says 2 for every usage error.
            let text = TollgateCommand.fullMessage(for: error)
            errorOutput = Ending.line(text.hasPrefix("Error: ") ? String(text.dropFirst(7)) : text)
            code = Outcome.usage.rawValue
        default:
            errorOutput = Ending.line(String(describing: error))
            code = Outcome.fault.rawValue
        }
    }

    private static func line(_ message: String) -> String { "tollgate: \(message.printable)\n" }
}
