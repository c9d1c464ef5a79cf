import ServiceLifecycle

/// The worker as a service. A stop cuts what is under way: those events stay, and are applied by whoever goes on.
struct WebhookWorkerService: Service {
    let worker: WebhookWorker

    func run() async throws {
        await cancelWhenGracefulShutdown { await worker.run() }
        await worker.letGo()
    }
}
