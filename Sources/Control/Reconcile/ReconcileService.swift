import Logging
import RedisLink
import ServiceLifecycle

/// Compares closed hours as they come due, and once a day all that was counted lately, until the daemon stops.
struct ReconcileService: Service {
    private static let longestInterval: Duration = .seconds(60)

    let context: ControlContext
    let configuration: ControlConfiguration
    let checker: HourChecker
    let daily: DailyReconcile

    func run() async throws {
        // Without a key there is nothing to compare with, and the service waits for the stop like every other.
        await cancelWhenGracefulShutdown { await rounds() }
    }

    private func rounds() async {
        var reported: String?
        while !Task.isCancelled {
            var trouble: String?
            do {
                try await checker.round()
                try await daily.runIfDue()
            } catch is CancellationError where Task.isCancelled {
                return
            } catch {
                // The next round does what this one has not done.
                trouble = "\(error)"
            }
            if let trouble, trouble != reported {
                context.logger.warning("Hours could not be compared with Stripe", metadata: ["reason": "\(trouble)"])
            }
            reported = trouble
            do {
                try await context.clock.sleep(for: min(Self.longestInterval, configuration.checkInterval))
            } catch {
                return
            }
        }
    }
}
