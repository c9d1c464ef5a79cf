import ServiceLifecycle

/// What of the control plane has to do with Stripe's events: those who take them in and apply them, and what they
/// count.
struct WebhookParts {
    let counts = WebhookCounts()
    private let log: WebhookLog

    init(_ context: ControlContext) { log = WebhookLog(context.logger) }

    /// The listener, where one is configured, and whoever applies events, where Stripe can be asked.
    ///
    /// - Parameters:
    ///   - configuration: says how long Stripe's summaries follow behind, and when books close.
    ///   - onListening: gets the port.
    func services(
        _ context: ControlContext, _ configuration: ControlConfiguration, onListening: @escaping @Sendable (Int) -> Void
    ) -> [any Service] {
        let times = FlushTimes(configuration)
        var services: [any Service] = []
        if let stripe = context.stripe {
            let worker = WebhookWorker(
                context: context,
                applier: WebhookApplier(
                    context: context, stripe: stripe, counts: counts,
                    summaryLag: configuration.summaryLag.milliseconds, booksMargin: times.booksMarginSeconds),
                counts: counts, log: log)
            services.append(WebhookWorkerService(worker: worker))
        }
        if let endpoint = context.webhooks {
            services.append(
                WebhookListener(endpoint: endpoint, counts: counts, log: log, context: context)
                    .service(onRunning: onListening))
        }
        return services
    }
}
