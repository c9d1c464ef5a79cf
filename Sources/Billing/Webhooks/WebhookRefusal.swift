/// Why a request to the webhook endpoint is not taken for one of Stripe's.
public enum WebhookRefusal: Error, Sendable, Equatable {
    /// There is no signature, or it cannot be read.
    case malformed
    /// It holds no signature of the scheme that counts.
    case noSignature
    /// No signature is one that a known secret makes of this body.
    case mismatch
    /// It was signed longer ago than the tolerance, so it may be an old one sent again.
    case stale
    /// It was signed further ahead than the tolerance: one of the two clocks is wrong.
    case early

    /// For the answer and the log.
    public var message: String {
        switch self {
        case .malformed: "the Stripe-Signature header is missing or cannot be read"
        case .noSignature: "the Stripe-Signature header has no v1 signature"
        case .mismatch: "no signature fits: is the endpoint's signing secret in STRIPE_WEBHOOK_SECRET?"
        case .stale: "it was signed too long ago"
        case .early: "it was signed in the future: compare this host's clock"
        }
    }
}
