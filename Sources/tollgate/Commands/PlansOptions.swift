import ArgumentParser
import FoundationEssentials
import Metering
import Settings

/// Which catalogue.
struct PlansOptions: ParsableArguments {
    /// Where a catalogue is looked for when none is named: in a checkout, and where a system keeps its settings.
    static let usualPaths = ["./config/plans.yaml", "/etc/tollgate/plans.yaml"]

    @Option(
        help: ArgumentHelp(
            """
            The plan catalogue (default: plans.yaml beside the settings, else ./config/plans.yaml, else \
            /etc/tollgate/plans.yaml).
            """, valueName: "file"))
    var plans: String?

    @Option(help: ArgumentHelp("The settings; they and the environment are checked as well.", valueName: "file"))
    var config: String?

    /// What was read.
    struct Reading {
        /// The file of the catalogue.
        let path: String
        /// The catalogue, or every problem found.
        let result: Result<Catalogue, SettingsError>
        /// What is allowed and not wise.
        var warnings: [String] = []
    }

    /// Reads the catalogue, and the settings if they are named.
    ///
    /// - Throws: If there is no such file.
    func read() throws(CommandFailure) -> Reading {
        for path in [config, plans] {
            guard let path else { continue }
            guard FileManager.default.fileExists(atPath: path) else {
                throw CommandFailure("\(path): there is no such file", .usage)
            }
        }
        if let config {
            do {
                let settings = try DaemonSettings.load(
                    configPath: config, plansPath: plans, environment: ProcessInfo.processInfo.environment)
                return Reading(
                    path: settings.plansPath, result: .success(settings.catalogue), warnings: settings.warnings)
            } catch {
                return Reading(path: plans ?? config, result: .failure(error))
            }
        }
        guard let path = plans ?? Self.usualPaths.first(where: { FileManager.default.fileExists(atPath: $0) }) else {
            throw CommandFailure(
                "found no plan catalogue at \(Self.usualPaths.joined(separator: " or ")): name it with --plans FILE",
                .usage)
        }
        do {
            return Reading(path: path, result: .success(try Catalogue.load(plansPath: path)))
        } catch {
            return Reading(path: path, result: .failure(error))
        }
    }
}
