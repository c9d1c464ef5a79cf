/// Stripe's `product`.
public struct StripeProduct: Sendable, Equatable, Decodable {
    /// `prod_…`.
    public let id: String
    /// What invoices call it.
    public let name: String
}
