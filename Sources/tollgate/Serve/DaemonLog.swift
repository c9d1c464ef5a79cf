import Glibc
import Logging
import Settings
import Synchronization

/// Sets logging up: to standard error, as text for people and as JSON for programs. The level can change later.
enum DaemonLog {
    private static let level = Mutex(Logger.Level.info)

    static func start(_ settings: LogSettings) {
        setLevel(settings.level)
        let isText = settings.format == .text || (settings.format == .auto && isatty(STDERR_FILENO) == 1)
        LoggingSystem.bootstrap { label in
            LeveledLogHandler(
                base: isText ? StreamLogHandler.standardError(label: label) : JSONLogHandler(label: label))
        }
    }

    static func setLevel(_ wanted: LogSettings.Level) {
        level.withLock { $0 = Logger.Level(rawValue: wanted.rawValue) ?? .info }
    }

    /// Asks for the level at each line, so that a reload reaches the loggers that exist.
    private struct LeveledLogHandler: LogHandler {
        var base: any LogHandler

        var logLevel: Logger.Level {
            get { DaemonLog.level.withLock { $0 } }
            set { base.logLevel = newValue }
        }

        var metadata: Logger.Metadata {
            get { base.metadata }
            set { base.metadata = newValue }
        }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { base[metadataKey: key] }
            set { base[metadataKey: key] = newValue }
        }

        func log(event: LogEvent) { base.log(event: event) }
    }
}
