import ArgumentParser
import FoundationEssentials
import Settings

/// Which ledger.
struct LedgerPathOptions: ParsableArguments {
    /// Where a state directory is when nothing names it: in a checkout, and where a system keeps it.
    static let usualDirectories = ["./var", "./var/state", "/var/lib/tollgate"]

    @Argument(
        help: ArgumentHelp(
            """
            The ledger (default: ledger-0.tgl in the state_dir of --config, else in TOLLGATE_STATE_DIR, else in ./var, \
            ./var/state or /var/lib/tollgate).
            """, valueName: "file"))
    var file: String?

    @Option(help: ArgumentHelp("The settings, for their state_dir.", valueName: "file"))
    var config: String?

    func validate() throws {
        if file != nil, config != nil {
            throw ValidationError("give the ledger's file or the settings with --config, not both")
        }
    }

    /// The path of a file that is there.
    ///
    /// - Throws: If there is none, or if the settings are not valid.
    func path(environment: [String: String]) throws(CommandFailure) -> String {
        if let file { return try Self.existing(file) }
        if let config {
            guard FileManager.default.fileExists(atPath: config) else {
                throw CommandFailure("\(config): there is no such file", .usage)
            }
            do {
                let settings = try DaemonSettings.load(configPath: config, environment: environment)
                return try Self.existing(StateDirectory.ledger(in: settings.stateDirectory))
            } catch let failure as CommandFailure {
                throw failure
            } catch {
                throw CommandFailure("the settings are not valid\n\(error)", .usage)
            }
        }
        if let directory = environment["TOLLGATE_STATE_DIR"], !directory.isEmpty {
            return try Self.existing(StateDirectory.ledger(in: directory))
        }
        let usual = Self.usualDirectories.map { StateDirectory.ledger(in: $0) }
        guard let path = usual.first(where: { FileManager.default.fileExists(atPath: $0) }) else {
            throw CommandFailure(
                "found no ledger at \(usual.joined(separator: ", ")): name the file, or the settings with --config",
                .usage)
        }
        return path
    }

    private static func existing(_ path: String) throws(CommandFailure) -> String {
        guard FileManager.default.fileExists(atPath: path) else {
            throw CommandFailure("\(path): there is no such file", .usage)
        }
        return path
    }
}
