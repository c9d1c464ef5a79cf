import Foundation
import Logging
import ServiceLifecycle
import Settings
import UnixSignals

/// Reads the settings again at SIGHUP, all or nothing: bad files change nothing.
struct ReloadService: Service {
    let live: LiveSettings
    let source: SettingsSource
    let logger: Logger
    let apply: @Sendable (DaemonSettings) -> Void

    func run() async throws {
        let signals = await UnixSignalsSequence(trapping: .sighup)
        for await _ in signals.cancelOnGracefulShutdown() { reload() }
    }

    private func reload() {
        do throws(SettingsError) {
            let wanted = try source.load()
            let old = live.current
            let kept = DaemonSettings.changesNeedingRestart(from: old, to: wanted)
            let settings = old.applyingReload(of: wanted)
            live.replace(settings)
            DaemonLog.setLevel(settings.log.level)
            apply(settings)
            logger.notice("reloaded the settings")
            if !kept.isEmpty {
                logger.warning("kept until a restart", metadata: ["keys": "\(kept.joined(separator: ", "))"])
            }
        } catch {
            live.reloadFailed()
            logger.error("settings not reloaded; the older ones stay in force", metadata: ["problems": "\(error)"])
        }
    }
}
