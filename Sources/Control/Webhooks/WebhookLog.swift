import Logging
import Synchronization

/// Says once what is wrong with webhooks, and once that it is right again, so that whoever sends to the listener cannot
/// fill the log.
final class WebhookLog: Sendable {
    /// What may be wrong.
    enum Concern: Hashable {
        case signature, store, worker
    }

    private let logger: Logger
    private let troubled = Mutex<Set<Concern>>([])

    init(_ logger: Logger) { self.logger = logger }

    /// Nil for no trouble.
    func tell(_ concern: Concern, trouble: String?) {
        let hasChanged = troubled.withLock { troubled in
            trouble == nil ? troubled.remove(concern) != nil : troubled.insert(concern).inserted
        }
        guard hasChanged else { return }
        guard let trouble else {
            logger.info("\(good(concern))")
            return
        }
        logger.warning("\(bad(concern))", metadata: ["reason": "\(trouble)"])
    }

    private func bad(_ concern: Concern) -> String {
        switch concern {
        case .signature: "a webhook was not signed by Stripe"
        case .store: "webhooks cannot be kept: Stripe will send them again"
        case .worker: "webhooks wait to be applied"
        }
    }

    private func good(_ concern: Concern) -> String {
        switch concern {
        case .signature: "webhooks are signed by Stripe again"
        case .store: "webhooks are kept again"
        case .worker: "webhooks are applied again"
        }
    }
}
