import ServiceLifecycle

/// The flusher as a service: a graceful shutdown lets what is under way end.
struct FlushService: Service {
    let flusher: Flusher
    let stopLimit: Duration

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await self.flusher.run()
        }
        await flusher.stop(within: stopLimit)
    }
}
