import Billing
import Logging
import RedisLink
import StripeAPI

/// Does what an event of Stripe's asks for. The object is read at Stripe: the event only says that there is something
/// to read, so it does not matter when, how often and in which order events come.
struct WebhookApplier: Sendable {
    let context: ControlContext
    let stripe: StripeClient
    let counts: WebhookCounts
    /// How long Stripe's summaries follow behind, in milliseconds.
    let summaryLag: Int64
    /// How long before a draft is finalised its period's books close, in seconds.
    let booksMargin: Int64

    /// Applying an event twice does what applying it once does.
    func apply(_ event: StoredEvent) async -> WebhookOutcome {
        do {
            switch WebhookTopic(type: event.type) {
            case .meterErrors: return try await applyMeterErrors(event)
            case .invoice: return try await applyInvoice(event)
            // Another release followed it.
            case nil: return .hopeless("this release does not follow \(event.type)")
            }
        } catch let error as StripeError {
            return Self.outcome(of: error)
        } catch {
            return .failed("\(error)")
        }
    }

    /// What a call to Stripe that failed means for its event. A key that Stripe refuses is put right by an operator,
    /// and events wait for that; any other refusal is of the request.
    private static func outcome(of error: StripeError) -> WebhookOutcome {
        if error.source != .stripe || error.isRetryable { return .failed(error.description) }
        switch error.httpStatus {
        case 401, 403: return .failed(error.description)
        // Not in Stripe's shape: something on the way answered.
        case _ where !error.isInStripeShape: return .failed(error.description)
        default: return .hopeless(error.description)
        }
    }
}
