/// An event of Stripe's as it is kept until it is applied: what it is about, and nothing of what it says.
public struct StoredEvent: Sendable, Equatable {
    /// Stripe's id, `evt_…`.
    public var id: String
    /// Such as `invoice.created`.
    public var type: String
    /// The id of the object that it is about; the event's own when it names none.
    public var object: String
    /// The customer whose object it is, `cus_…`; empty if it names none.
    public var customer: String
    /// An invoice's `billing_reason`; empty for anything else.
    public var cause: String
    /// Its place in the stream; empty before it has one.
    public var place = ""
    /// How often it was tried to apply it.
    public var attempts = 0
    /// When it is tried again, Unix milliseconds; 0 for at once.
    public var notBefore: Int64 = 0
    /// Why it is not applied yet, or was given up; empty before the first attempt.
    public var trouble = ""
    /// Where it came in, of one that was given up; empty for any other.
    private var came = ""

    /// An event that has just come.
    public init(id: String, type: String, object: String, customer: String = "", cause: String = "") {
        self.id = id
        self.type = type
        self.object = object
        self.customer = customer
        self.cause = cause
    }

    /// Reads an entry of the stream of events, or of those that were given up.
    init?(_ entry: RedisValue, tries: [String: String] = [:]) {
        guard entry.elements.count == 2, let place = entry.elements[0].text else { return nil }
        let fields = RedisStore.pairs(entry.elements[1])
        self.init(
            id: fields["id"] ?? "", type: fields["type"] ?? "", object: fields["object"] ?? "",
            customer: fields["customer"] ?? "", cause: fields["cause"] ?? "")
        self.place = place
        came = fields["came"] ?? ""
        attempts = fields["attempts"].flatMap { Int($0) } ?? 0
        trouble = fields["why"] ?? ""
        let parts = tries[place]?.split(separator: " ", maxSplits: 2) ?? []
        guard parts.count == 3 else { return }
        attempts = Int(parts[0]) ?? 0
        notBefore = Int64(parts[1]) ?? 0
        trouble = String(parts[2])
    }

    /// When it came, in milliseconds of Redis's clock.
    public var receivedAt: Int64 {
        (came.isEmpty ? place : came).split(separator: "-").first.flatMap { Int64($0) } ?? 0
    }

    /// Fields and values, in turn, as they are stored.
    var fields: [String] {
        ["id", id, "type", type, "object", object, "customer", customer, "cause", cause]
    }
}
