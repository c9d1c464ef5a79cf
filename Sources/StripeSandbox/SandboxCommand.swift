import ArgumentParser
import FoundationEssentials
import Glibc
import Logging

/// The command line of `stripe-sandbox`.
@main
struct SandboxCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stripe-sandbox",
        abstract: "A stand-in for the parts of Stripe's API that tollgate uses, on loopback.",
        discussion: """
            Point a Stripe client's API base at the printed address; any sk_test_… key is accepted.
            State, test clock and faults are under /_sandbox/ (see docs/stripe-sandbox.md).
            """)

    @Option(help: "Loopback address and port; port 0 picks a free one.")
    var listen = ListenAddress(host: "127.0.0.1", port: 12_111)

    @Option(help: ArgumentHelp("Keep the account in this file between runs.", valueName: "file"))
    var state: String?

    @Option(help: ArgumentHelp("Answer 429 above this many requests a second (default: no limit).", valueName: "n"))
    var requestsPerSecond: Int?

    @Flag(help: "Answer 429 where Stripe's own limits of a live account would (default: no limits).")
    var stripeLimits = false

    func validate() throws {
        if let requestsPerSecond, requestsPerSecond < 1 {
            throw ValidationError("--requests-per-second must be at least 1")
        }
        if stripeLimits, requestsPerSecond != nil {
            throw ValidationError("give --stripe-limits or --requests-per-second, not both")
        }
        if let state, state.isEmpty { throw ValidationError("--state must name a file") }
    }

    func run() async throws {
        LoggingSystem.bootstrap(StreamLogHandler.standardError)
        var logger = Logger(label: "stripe-sandbox")
        logger.logLevel = .warning
        var settings = SandboxSettings()
        settings.limits = stripeLimits ? .stripe : RateLimits(global: requestsPerSecond)
        let server = SandboxServer(
            address: listen, stateFile: state.map(StateFile.init), settings: settings, logger: logger)
        try await server.run()
    }

    /// As the inherited one, but a usage error exits with 2, as all of tollgate's do, not with the library's 64.
    static func main() async {
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            let code = exitCode(for: error)
            guard code == .validationFailure else { exit(withError: error) }
            let message = Array((fullMessage(for: error) + "\n").utf8)
            _ = write(STDERR_FILENO, message, message.count)
            Glibc.exit(2)
        }
    }
}
