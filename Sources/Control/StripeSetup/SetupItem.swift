/// One thing that the catalogue needs at Stripe, and how it is.
struct SetupItem: Sendable, Equatable {
    /// How it is, in words that programs can match on.
    enum State: String {
        /// As it must be.
        case ok
        /// Missing; it would be made.
        case create
        /// It was made.
        case created
        /// Not as it must be, and for people to put right.
        case conflict
        /// Stripe refused to make it.
        case failed
        /// Worth knowing; nothing has to be done.
        case warning
    }

    /// `meter`, `price` or `subscription`.
    let kind: String
    /// Where the catalogue names it (`meters.messages`), or its id at Stripe.
    let subject: String
    let state: State
    /// For people.
    let detail: String
    /// Its id at Stripe.
    var id: String?

    var view: JSONValue {
        .object([
            "kind": .string(kind), "subject": .string(subject), "state": .string(state.rawValue),
            "detail": .string(detail), "id": .optional(id),
        ])
    }
}

/// A part of a setup's result.
struct SetupPage {
    var items: [SetupItem] = []
    /// Where the next part begins; nil after the last.
    var next: SetupPlace?
    /// How many things were looked at up to here, of how many.
    var done = 0
    var total = 0

    var view: JSONValue {
        .object([
            "items": .array(items.map(\.view)), "next": .optional(next?.text), "done": .integer(Int64(done)),
            "total": .integer(Int64(total)),
        ])
    }
}
