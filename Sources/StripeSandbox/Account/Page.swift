/// One page of a list, as every v1 list of Stripe is cut (docs.stripe.com/api/pagination): newest first, `limit` 1 to
/// 100 and 10 by default, and at most one of `starting_after` and `ending_before`.
enum Page {
    /// The parameters that every list has.
    static let parameters: [Parameter] = [
        .optional("limit", .integer(1...100)),
        .optional("starting_after", .text()),
        .optional("ending_before", .text()),
    ]

    /// - Parameters:
    ///   - items: the whole list, newest first.
    ///   - isIncluded: the request's filter. A cursor may name an item that the filter leaves out.
    /// - Throws: 400 when both cursors are given, or one names nothing in the list.
    static func cut<Item>(
        _ items: [Item], _ arguments: Arguments, url: String, noun: String, id: (Item) -> String,
        isIncluded: (Item) -> Bool = { _ in true }, body: (Item) -> JSONValue
    ) throws(APIError) -> JSONValue {
        let limit = arguments.integer("limit") ?? 10
        let after = arguments.text("starting_after")
        let before = arguments.text("ending_before")
        if after != nil, before != nil {
            throw .invalid("Received both starting_after and ending_before parameters. Please pass in only one.")
        }
        var start = items.startIndex
        var end = items.endIndex
        if let after { start = try index(of: after, in: items, noun, "starting_after", id) + 1 }
        if let before { end = try index(of: before, in: items, noun, "ending_before", id) }
        let found = start < end ? items[start..<end].filter(isIncluded) : []
        // A page before a cursor is the one next to it, so it is cut from its end.
        let page = before == nil ? found.prefix(limit) : found.suffix(limit)
        return .object([
            "object": .text("list"),
            "url": .text(url),
            "has_more": .boolean(page.count < found.count),
            "data": .list(page.map(body)),
        ])
    }

    private static func index<Item>(
        of cursor: String, in items: [Item], _ noun: String, _ param: String, _ id: (Item) -> String
    ) throws(APIError) -> Int {
        guard let index = items.firstIndex(where: { id($0) == cursor }) else {
            throw .noSuch(noun, cursor, param: param, status: 400)
        }
        return index
    }
}
