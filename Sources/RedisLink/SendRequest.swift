/// How an hour is told to Stripe: as its total, or as what it grew by.
public enum SendForm: String, Sendable {
    /// The hour's whole total, which replaces what was sent before.
    case total = "window"
    /// The range of the total that has not been cut yet, which Stripe adds.
    case range = "sum"
}

/// An hour that is to be sent.
public struct SendRequest: Sendable {
    /// Which hour.
    public let key: StoredHour.Key
    /// A name used once, of at most 100 characters.
    public let attempt: String
    /// How it is told.
    public let form: SendForm
    /// Where it goes: a meter and a customer, or a subscription item, in one text.
    public let destination: String

    /// Takes its parts as they are.
    public init(key: StoredHour.Key, attempt: String, form: SendForm, destination: String) {
        self.key = key
        self.attempt = attempt
        self.form = form
        self.destination = destination
    }
}

/// How long things last that concern sends, in milliseconds.
public struct SendTimes: Sendable {
    /// How long a mark lasts: longer than a request can.
    public var mark: Int64
    /// How long Stripe's summaries follow behind.
    public var summaryLag: Int64
    /// For how long after it was cut a range may be sent again under its identifier. Stripe keeps identifiers for at
    /// least 24 hours (docs.stripe.com/api/billing/meter-event/create).
    public var resend: Int64

    /// Takes its parts as they are.
    public init(mark: Int64, summaryLag: Int64, resend: Int64 = 23 * 3_600_000) {
        self.mark = mark
        self.summaryLag = summaryLag
        self.resend = resend
    }
}
