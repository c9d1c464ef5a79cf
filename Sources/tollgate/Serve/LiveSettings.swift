import Control
import Settings
import Synchronization

/// The settings in force, and how reloading them went. Shared by all parts of the daemon.
final class LiveSettings: Sendable {
    private struct State {
        var settings: DaemonSettings
        var reloads = 0
        var failures = 0
        var lastFailed = false
    }

    private let state: Mutex<State>

    init(_ settings: DaemonSettings) {
        state = Mutex(State(settings: settings))
    }

    var current: DaemonSettings { state.withLock { $0.settings } }

    func replace(_ settings: DaemonSettings) {
        state.withLock {
            $0.settings = settings
            $0.reloads += 1
            $0.lastFailed = false
        }
    }

    func reloadFailed() {
        state.withLock {
            $0.failures += 1
            $0.lastFailed = true
        }
    }

    var metrics: [Metric] {
        let state = state.withLock { $0 }
        return [
            Metric(
                "tollgate_reloads_total", help: "Reloads of the settings that took effect.", kind: .counter,
                Double(state.reloads)),
            Metric(
                "tollgate_reload_failures_total", help: "Reloads refused for bad files.", kind: .counter,
                Double(state.failures)),
            Metric(
                "tollgate_settings_stale", help: "1 while the files are bad and the older settings stay in force.",
                kind: .gauge, state.lastFailed ? 1 : 0),
        ]
    }
}
