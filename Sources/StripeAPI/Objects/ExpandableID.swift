/// A reference in an answer: the id, or the whole object where it was expanded (docs.stripe.com/api/expanding_objects).
struct ExpandableID: Decodable {
    let id: String

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        id = try (try? container.decode(String.self)) ?? container.decode(Expanded.self).id
    }

    private struct Expanded: Decodable {
        let id: String
    }
}
