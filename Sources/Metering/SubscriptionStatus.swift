/// The status of a Stripe subscription, in Stripe's words (the `status` enum of the Subscription object).
public enum SubscriptionStatus: String, Sendable, CaseIterable {
    /// Paid for.
    case active
    /// In its trial.
    case trialing
    /// The latest invoice is not paid, Stripe still retries.
    case pastDue = "past_due"
    /// Stripe has given up retrying and keeps the subscription.
    case unpaid
    /// The trial ended without a payment method.
    case paused
    /// The first payment is not made yet.
    case incomplete
    /// The first payment was not made in time; final.
    case incompleteExpired = "incomplete_expired"
    /// Ended; final.
    case canceled
}
