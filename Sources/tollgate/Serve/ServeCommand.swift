import ArgumentParser
import Foundation
import Settings

/// `tollgate serve`.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Run the daemon until SIGTERM.",
        discussion: """
            Listens on gate.socket for app servers and on control.socket for the other commands. SIGHUP reads the \
            settings and the catalogue again; SIGTERM answers what is under way and ends.

            Secrets come from the environment, each as X or in a file that X_FILE names: STRIPE_SECRET_KEY, \
            STRIPE_WEBHOOK_SECRET, TOLLGATE_CONTROL_TOKEN, TOLLGATE_REDIS_PASSWORD, TOLLGATE_NOTIFY_SECRET. Every \
            setting has a variable too: TOLLGATE_REDIS_URL for redis.url.

            EXAMPLES
              tollgate serve --config /etc/tollgate/tollgate.yaml
              TOLLGATE_REDIS_URL=redis://10.0.0.5 tollgate serve --config config/tollgate.yaml
            """)

    @Option(help: ArgumentHelp("The settings.", valueName: "file"))
    var config: String?

    @Option(help: ArgumentHelp("The plan catalogue (default: plans.yaml beside the settings).", valueName: "file"))
    var plans: String?

    func run() async throws {
        let source = SettingsSource(configPath: config, plansPath: plans)
        let settings: DaemonSettings
        do throws(SettingsError) {
            settings = try source.load()
        } catch {
            throw CommandFailure("cannot start:\n\(error)", .usage)
        }
        try await Daemon(settings: settings, source: source).run()
    }
}

/// Where the settings come from, at the start and at each reload.
struct SettingsSource: Sendable {
    let configPath: String?
    let plansPath: String?

    func load() throws(SettingsError) -> DaemonSettings {
        try DaemonSettings.load(
            configPath: configPath, plansPath: plansPath, environment: ProcessInfo.processInfo.environment)
    }
}
