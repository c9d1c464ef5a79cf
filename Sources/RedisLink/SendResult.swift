/// What came of sending an hour.
public struct SendResult: Sendable {
    /// What came of it.
    public enum Outcome: String, Sendable {
        /// Stripe took it.
        case yes
        /// Stripe surely recorded nothing.
        case no
        /// Stripe may have recorded it. It may be sent again at once.
        case open
        /// It was not sent but compared: Stripe has this much.
        case compared
    }

    /// Which hour.
    public let key: StoredHour.Key
    /// The name it was begun with.
    public let attempt: String
    /// How it was told.
    public let form: SendForm
    /// Where it went.
    public let destination: String
    /// What came of it.
    public let outcome: Outcome
    /// What Stripe has now, after a yes or a comparison.
    public let total: Int64
    /// The event's identifier; empty if it had none.
    public let identifier: String
    /// When the hour is to be compared with Stripe, Unix seconds; 0 for never.
    public let checkAt: Int64

    /// Takes its parts as they are.
    public init(
        key: StoredHour.Key, attempt: String, form: SendForm, destination: String, outcome: Outcome, total: Int64 = 0,
        identifier: String = "", checkAt: Int64 = 0
    ) {
        self.key = key
        self.attempt = attempt
        self.form = form
        self.destination = destination
        self.outcome = outcome
        self.total = total
        self.identifier = identifier
        self.checkAt = checkAt
    }
}
