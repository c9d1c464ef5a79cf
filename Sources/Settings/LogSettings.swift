/// Logs (`log.*`), which go to standard error.
public struct LogSettings: Sendable, Equatable {
    /// How much is logged; the raw values are those of swift-log's levels.
    public enum Level: String, Sendable, CaseIterable {
        /// Every step.
        case trace
        /// What helps to find a fault.
        case debug
        /// What an operator may want to know.
        case info
        /// What an operator should know.
        case notice
        /// What may need a hand soon.
        case warning
        /// What has failed.
        case error
        /// What stops the daemon.
        case critical
    }

    /// How a line looks.
    public enum Format: String, Sendable, CaseIterable {
        /// ``text`` on a terminal, else ``json``.
        case auto
        /// For people.
        case text
        /// One object a line.
        case json
    }

    /// How much is logged.
    public var level: Level
    /// How a line looks.
    public var format: Format
}
