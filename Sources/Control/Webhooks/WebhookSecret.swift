import Billing

/// The signing secret of an endpoint at Stripe. It does not print.
public struct WebhookSecret: Sendable, CustomStringConvertible, CustomReflectable {
    private let key: [UInt8]

    /// Takes a secret whole, `whsec_` included: that is the key (docs.stripe.com/webhooks/signature). Nil for an empty
    /// text, with which anybody could sign.
    public init?(_ text: String) {
        guard !text.isEmpty else { return nil }
        key = Array(text.utf8)
    }

    /// What it makes of a message.
    var authenticator: WebhookSignature.Authenticator {
        { [key] in MessageAuthentication.code(of: $0, key: key) }
    }

    /// Nothing of the secret.
    public var description: String { "(webhook secret)" }
    /// Without children, so that `dump` shows nothing.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
