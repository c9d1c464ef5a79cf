import Logging
import Metering
import RedisLink
import ServiceLifecycle

/// Settles grants in rounds until the daemon stops.
struct GrantService: Service {
    private static let interval: Duration = .seconds(2)

    let context: ControlContext
    let delay: Duration

    func run() async throws {
        await cancelWhenGracefulShutdown { await rounds() }
    }

    private func rounds() async {
        let settler = GrantSettler(context: context, delay: delay)
        // After a start and with another catalogue, periods may be others than when they were looked at.
        var seen: Catalogue?
        var isFailing = false
        var failing: [String: String] = [:]
        while !Task.isCancelled {
            do {
                let catalogue = context.catalogue()
                if let failures = try await settler.round(all: catalogue != seen, failed: failing.count) {
                    for (tenant, reason) in failures where failing[tenant] != reason {
                        context.logger.warning(
                            "A tenant's grants could not be settled",
                            metadata: ["tenant": "\(tenant)", "reason": "\(reason)"])
                    }
                    failing = failures
                    seen = catalogue
                }
                isFailing = false
            } catch {
                // The next round does what this one has not done.
                if !isFailing {
                    context.logger.warning("Grants could not be settled", metadata: ["reason": "\(error)"])
                }
                isFailing = true
            }
            do {
                try await Task.sleep(for: Self.interval)
            } catch {
                return
            }
        }
    }
}
