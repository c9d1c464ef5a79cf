/// A billing meter: which events it takes, and how it adds them up.
struct Meter: Codable, Sendable {
    /// How a meter's events become one value.
    enum Formula: String, Codable, Sendable {
        case count, last, sum
    }

    /// The window a meter's events are pre-aggregated for: the newest event received for a customer in one UTC window
    /// replaces the earlier one.
    enum Window: String, Codable, Sendable {
        case day, hour

        var seconds: Int { self == .day ? 86_400 : 3_600 }
    }

    let id: String
    let created: Int
    var updated: Int
    var displayName: String
    let eventName: String
    let formula: Formula
    let window: Window?
    /// The payload key that holds the customer's id.
    let customerKey: String
    /// The payload key that holds the value; not read when the formula is count.
    let valueKey: String
    /// When it was deactivated; nil while it is active.
    var deactivatedAt: Int?

    static func newID() -> String { RandomID.make("mtr_test_", length: 24) }

    var isActive: Bool { deactivatedAt == nil }

    /// Usage is kept in buckets of the window, or of a minute, the finest grain of event summaries.
    var bucketSeconds: Int { window?.seconds ?? 60 }

    /// The parameters of `POST /v1/billing/meters`, with the length limits of Stripe's OpenAPI document
    /// (github.com/stripe/openapi).
    static let parameters: [Parameter] = [
        .optional(
            "customer_mapping",
            .object([
                .required("event_payload_key", .text(maximum: 100)), .required("type", .choice(["by_id"])),
            ])),
        .required("default_aggregation", .object([.required("formula", .choice(["count", "last", "sum"]))])),
        .required("display_name", .text(maximum: 250)),
        .required("event_name", .text(maximum: 100)),
        .optional("event_time_window", .choice(["day", "hour"])),
        .optional("expand", .list(.text(), maximum: 20)),
        .optional("value_settings", .object([.required("event_payload_key", .text(maximum: 100))])),
    ]

    /// The meter as Stripe's `billing.meter` schema has it.
    var body: JSONValue {
        .object([
            "id": .text(id),
            "object": .text("billing.meter"),
            "created": .integer(created),
            "updated": .integer(updated),
            "display_name": .text(displayName),
            "event_name": .text(eventName),
            "default_aggregation": .object(["formula": .text(formula.rawValue)]),
            "event_time_window": .optional(window?.rawValue),
            "customer_mapping": .object(["event_payload_key": .text(customerKey), "type": .text("by_id")]),
            "value_settings": .object(["event_payload_key": .text(valueKey)]),
            "status": .text(isActive ? "active" : "inactive"),
            "status_transitions": .object(["deactivated_at": .optional(deactivatedAt)]),
            "livemode": .boolean(false),
        ])
    }
}
