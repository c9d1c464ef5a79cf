import FoundationEssentials

/// A meter event as it was sent.
struct MeterEvent: Sendable {
    let eventName: String
    let payload: [String: String]
    let identifier: String
    let timestamp: Int
    let created: Int

    /// The most digits a value may have; Stripe reports `meter_event_value_too_many_digits` above it
    /// (docs.stripe.com/billing/subscriptions/usage-based/recording-usage-api).
    static let maximumDigits = 15
    /// How far back a timestamp may lie (docs.stripe.com/api/billing/meter-event/create).
    static let oldestSeconds = 35 * 86_400
    /// How far ahead; as above.
    static let newestSeconds = 300

    /// The parameters of `POST /v1/billing/meter_events`, with the length limits of Stripe's OpenAPI document
    /// (github.com/stripe/openapi).
    static let parameters: [Parameter] = [
        .required("event_name", .text(maximum: 100)),
        .optional("expand", .list(.text(), maximum: 20)),
        .optional("identifier", .text(maximum: 100)),
        .required("payload", .map(maximumKey: 100, maximumValue: 500, maximumCount: 50)),
        .optional("timestamp", .integer()),
    ]

    /// Those of `POST /v2/billing/meter_events`; its timestamp is an RFC 3339 text.
    static let parametersV2: [Parameter] = [
        .required("event_name", .text(maximum: 100)),
        .optional("identifier", .text(maximum: 100)),
        .required("payload", .map(maximumKey: 100, maximumValue: 500, maximumCount: 50)),
        .optional("timestamp", .text(maximum: 40)),
    ]

    init(eventName: String, payload: [String: String], identifier: String?, timestamp: Int?, now: Int) {
        self.eventName = eventName
        self.payload = payload
        self.identifier = identifier ?? UUID().uuidString.lowercased()
        self.timestamp = timestamp ?? now
        created = now
    }

    init(_ arguments: Arguments, now: Int) throws(APIError) {
        self.init(
            eventName: try arguments.required("event_name"), payload: arguments.texts("payload"),
            identifier: arguments.text("identifier"), timestamp: arguments.integer("timestamp"), now: now)
    }

    init(v2 arguments: Arguments, now: Int) throws(APIError) {
        let text = arguments.text("timestamp")
        let timestamp = text.flatMap(RFC3339.seconds)
        guard text == nil || timestamp != nil else {
            throw .invalid("Invalid timestamp: it must be an RFC 3339 time.", param: "timestamp").beforeExecution
        }
        self.init(
            eventName: try arguments.required("event_name"), payload: arguments.texts("payload"),
            identifier: arguments.text("identifier"), timestamp: timestamp, now: now)
    }

    /// What is wrong with the timestamp, if anything.
    var timestampProblem: EventProblem? {
        if timestamp < created - Self.oldestSeconds {
            return EventProblem(
                .timestampTooFarInPast, "The timestamp must be within the past 35 calendar days.", param: "timestamp")
        }
        if timestamp > created + Self.newestSeconds {
            return EventProblem(
                .timestampInFuture, "The timestamp must be at most 5 minutes in the future.", param: "timestamp")
        }
        return nil
    }

    /// The event's value for a meter: 1 for a count, else the number in the payload.
    ///
    /// - Throws: A problem when there is none, it is no plain decimal number, or it has more than 15 digits.
    func value(for meter: Meter) throws(EventProblem) -> EventValue {
        if meter.formula == .count { return EventValue(1) }
        let param = "payload[\(meter.valueKey)]"
        guard let text = payload[meter.valueKey] else {
            throw EventProblem(
                .valueMissing, "The payload must have the key \(meter.valueKey), the meter's value.", param: param,
                meter: meter.id)
        }
        let digits = text.utf8.drop { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "0") }
            .reduce(0) { $1 == UInt8(ascii: ".") ? $0 : $0 + 1 }
        if let value = EventValue(text), digits <= Self.maximumDigits { return value }
        guard Self.isPlain(text) else {
            throw EventProblem(
                .invalidValue, "Invalid value for the meter: '\(text)' is not a number.", param: param, meter: meter.id)
        }
        throw EventProblem(
            .valueTooManyDigits, "The value of a meter event can have at most 15 digits: '\(text)'.", param: param,
            meter: meter.id)
    }

    /// Whether a text is digits, with a minus before and a point between them, however many.
    private static func isPlain(_ text: String) -> Bool {
        let unsigned = text.first == "-" ? text.dropFirst() : text[...]
        let parts = unsigned.split(separator: ".", omittingEmptySubsequences: false)
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        return parts.count <= 2 && parts.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy(digits.contains) }
    }

    /// The event as Stripe's `billing.meter_event` schema has it.
    var body: JSONValue {
        .object([
            "object": .text("billing.meter_event"),
            "event_name": .text(eventName),
            "identifier": .text(identifier),
            "payload": .object(payload.mapValues { .text($0) }),
            "timestamp": .integer(timestamp),
            "created": .integer(created),
            "livemode": .boolean(false),
        ])
    }

    /// As `v2.billing.meter_event` has it.
    var bodyV2: JSONValue {
        .object([
            "object": .text("v2.billing.meter_event"),
            "event_name": .text(eventName),
            "identifier": .text(identifier),
            "payload": .object(payload.mapValues { .text($0) }),
            "timestamp": .text(RFC3339.text(timestamp)),
            "created": .text(RFC3339.text(created)),
            "livemode": .boolean(false),
        ])
    }
}
