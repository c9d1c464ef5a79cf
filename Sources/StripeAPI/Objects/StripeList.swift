/// A list as Stripe writes it (docs.stripe.com/api/pagination).
struct StripeList<Element: ListElement>: Decodable, Sendable {
    let data: [Element]
    let hasMore: Bool

    var page: StripePage<Element> { StripePage(data: data, next: hasMore ? data.last?.id : nil) }

    private enum CodingKeys: String, CodingKey {
        case data
        case hasMore = "has_more"
    }
}
