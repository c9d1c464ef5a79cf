/// What is to be done about one thing that the catalogue needs at Stripe.
public enum SetupStep<Facts: Sendable & Equatable, Draft: Sendable & Equatable>: Sendable, Equatable {
    /// It is as it must be.
    case fit(Facts)
    /// It is missing and can be made.
    case create(Draft)
    /// It is not as it must be and cannot be put right from here; the sentence says why and what to do.
    case conflict(String)
}
