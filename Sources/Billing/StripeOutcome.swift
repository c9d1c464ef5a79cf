/// How one attempt to send something to Stripe ended, as facts.
public enum StripeOutcome: Sendable, Equatable {
    /// A 2xx in Stripe's shape.
    case accepted
    /// Any other answer.
    case answered(StripeAnswer)
    /// Nothing left this machine; the text says why.
    case notSent(String)
    /// Bytes had left and no whole answer came; Stripe may have done it. The text says what happened.
    case unanswered(String)
}
