/// What calls must take turns about.
enum CallObject: Hashable, Sendable {
    /// Stripe takes one meter event at a time for a customer and meter (docs.stripe.com/rate-limits).
    case meterEvents(customer: String, eventName: String)
    /// Stripe locks the object that a call changes, and refuses a second call with `lock_timeout`
    /// (docs.stripe.com/rate-limits#object-lock-timeouts).
    case subscriptionItem(String)
    /// The session of the meter event stream, of which one is enough.
    case streamSession
    /// A place among the calls on the wire.
    case wire
}
