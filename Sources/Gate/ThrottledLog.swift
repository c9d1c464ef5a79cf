internal import Logging
internal import Reactor

/// Warnings that could come by the thousand when Redis is away: one a second, with the number left out.
struct ThrottledLog {
    private static let pause: Int64 = 1_000_000

    private let logger: Logger
    private var nextAt = Int64.min
    private var suppressed = 0

    init(logger: Logger) {
        self.logger = logger
    }

    mutating func warning(_ message: Logger.Message, _ metadata: Logger.Metadata = [:]) {
        let now = BootClock.now()
        guard now >= nextAt else {
            suppressed += 1
            return
        }
        nextAt = now + Self.pause
        var metadata = metadata
        if suppressed > 0 { metadata["suppressed"] = "\(suppressed)" }
        suppressed = 0
        logger.warning(message, metadata: metadata)
    }
}
