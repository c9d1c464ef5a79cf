import ServiceLifecycle

/// The flusher as a service: a graceful shutdown lets what is under way end, a cancellation cuts it.
struct FlushService: Service {
    let flusher: Flusher
    let stopLimit: Duration

    func run() async throws {
        await withTaskGroup { group in
            group.addTask {
                await cancelWhenGracefulShutdown { await flusher.run() }
            }
            group.addTask {
                do {
                    try await gracefulShutdown()
                    await flusher.stop(within: stopLimit)
                } catch {
                    await flusher.stop(within: .zero)
                }
            }
        }
    }
}
