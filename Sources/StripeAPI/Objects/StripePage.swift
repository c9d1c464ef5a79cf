/// One page of one of Stripe's lists, a hundred rows at most (docs.stripe.com/api/pagination).
public struct StripePage<Element: Sendable>: Sendable {
    /// The rows, in Stripe's order: newest first.
    public let data: [Element]
    /// What to give as `after` for the page behind this one; nil when this is the last.
    public let next: String?
}

/// Rows that name the page after them.
protocol ListElement: Decodable, Sendable {
    var id: String { get }
}
