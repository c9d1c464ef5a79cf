/// Stripe's `product` (docs.stripe.com/api/products/object).
public struct StripeProduct: Sendable, Equatable, Decodable {
    /// `prod_…`.
    public let id: String
    /// What invoices call it.
    public let name: String
}
