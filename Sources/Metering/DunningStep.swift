/// One step of what happens to a tenant whose invoice stays unpaid.
public struct DunningStep: Sendable, Equatable {
    /// What a step does.
    public enum Action: String, Sendable, CaseIterable {
        /// A friendly mail.
        case emailReminder = "email_reminder"
        /// A mail that says what will happen.
        case emailUrgent = "email_urgent"
        /// The gate refuses the tenant's calls.
        case restrictAccess = "restrict_access"
        /// A last mail.
        case emailFinal = "email_final"
        /// The subscription is cancelled at Stripe.
        case cancelSubscription = "cancel_subscription"
    }

    /// Days after the first failed payment of an invoice, 0 or more.
    public var afterDays: Int
    /// What happens then.
    public var action: Action

    /// Takes its parts as they are; Settings validates what a catalogue says.
    public init(afterDays: Int, action: Action) {
        self.afterDays = afterDays
        self.action = action
    }
}
