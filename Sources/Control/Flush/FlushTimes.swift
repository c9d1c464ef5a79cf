/// How long things last that decide what is sent when, in seconds.
struct FlushTimes: Sendable {
    let markSeconds: Int64
    let summaryLagSeconds: Int64
    let booksMarginSeconds: Int64
    let checkIntervalSeconds: Int64

    init(_ configuration: ControlConfiguration) {
        markSeconds = Self.seconds(configuration.sendMark)
        summaryLagSeconds = Self.seconds(configuration.summaryLag)
        booksMarginSeconds = Self.seconds(configuration.booksMargin)
        checkIntervalSeconds = Self.seconds(configuration.checkInterval)
    }

    /// Rounded up.
    private static func seconds(_ duration: Duration) -> Int64 {
        duration.components.seconds + (duration.components.attoseconds > 0 ? 1 : 0)
    }
}
