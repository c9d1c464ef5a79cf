/// A partition's life that follows an earlier one: what was sent in that, and what of it Stripe acknowledged, may be
/// forgotten.
public struct Succession: Sendable, Hashable {
    /// When it began, in microseconds of Redis's clock.
    public let since: Int64
    /// Its name, which stands with what was acknowledged in it.
    public let life: Int64
}
