/// An answer to a POST that shows whether it is a saved one. Stripe marks those with `Idempotent-Replayed: true`
/// (docs.stripe.com/error-low-level#idempotency).
protocol Replayable {
    var isReplayed: Bool { get set }
}
