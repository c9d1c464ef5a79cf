import ServiceLifecycle

/// The notifier as a service. A stop cuts attempts under way: their notices stay, and are sent again under the same
/// name by whoever delivers next.
struct NoticeService: Service {
    let notifier: Notifier

    func run() async throws {
        await cancelWhenGracefulShutdown { await notifier.run() }
        await notifier.letGo()
    }
}
