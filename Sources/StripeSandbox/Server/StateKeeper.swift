import Logging
import ServiceLifecycle

/// Writes the account's state to its file soon after it has changed. The last write, when every request has been
/// answered, is the server's to ask for.
struct StateKeeper: Service {
    let account: Account
    let file: StateFile
    let logger: Logger

    func run() async throws {
        let clock = ContinuousClock()
        for await _ in account.changes.cancelOnGracefulShutdown() {
            let start = clock.now
            await save()
            // Changes gather meanwhile; a large state is written at most a tenth of the time.
            let rest = max(.milliseconds(100), (clock.now - start) * 9)
            do {
                try await cancelWhenGracefulShutdown { try await Task.sleep(for: rest) }
            } catch {
                // The sandbox stops; the last write follows when all requests are done.
                break
            }
        }
    }

    /// A write that fails is reported and tried again at the next change: the requests are answered from memory.
    func save() async {
        do {
            try file.save(await account.snapshot())
        } catch {
            logger.error("State not saved", metadata: ["error": "\(error)"])
        }
    }
}
