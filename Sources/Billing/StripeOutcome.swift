/// How one attempt to send something to Stripe ended, as facts.
public enum StripeOutcome: Sendable, Equatable {
    /// A 2xx in Stripe's shape.
    case accepted
    /// Any other answer.
    case answered(StripeAnswer)
    /// Nothing left this machine; the text says why.
    case notSent(String)
    /// Our own limits kept it back; the text says which.
    case heldBack(String)
    /// It can be no request that Stripe would take, so nothing was sent; the text says why.
    case unsendable(String)
    /// Bytes had left and no whole answer came; Stripe may have done it. The text says what happened.
    case unanswered(String)
}
