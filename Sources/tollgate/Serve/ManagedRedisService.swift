import Logging
import RedisLink
import ServiceLifecycle

/// Keeps the managed Redis running: should it end by itself, it is started again on the same files.
struct ManagedRedisService: Service {
    let managed: ManagedRedis
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while (try? await Task.sleep(for: .milliseconds(500))) != nil { startIfEnded() }
        }
    }

    /// Starts it again unless it runs.
    func startIfEnded() {
        guard !managed.isListening else { return }
        managed.reap()
        logger.error("redis-server ended; starting it again")
        do throws(ManagedRedis.StartError) {
            _ = try managed.start()
        } catch {
            logger.error("redis-server does not start", metadata: ["reason": "\(error)"])
        }
    }
}
