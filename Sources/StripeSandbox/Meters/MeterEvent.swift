import FoundationEssentials

/// A meter event, checked as far as that needs no account.
struct MeterEvent: Sendable {
    let eventName: String
    let payload: [String: String]
    let identifier: String
    let timestamp: Int
    let created: Int

    /// The most digits a value may have; Stripe reports `meter_event_value_too_many_digits` above it.
    static let maximumDigits = 15

    /// The parameters of `POST /v1/billing/meter_events`, with the length limits of Stripe's published spec.
    static let parameters: [Parameter] = [
        .required("event_name", .text(maximum: 100)),
        .optional("expand", .list(.text(), maximum: 20)),
        .optional("identifier", .text(maximum: 100)),
        .required("payload", .map(maximumKey: 100, maximumValue: 500, maximumCount: 50)),
        .optional("timestamp", .integer()),
    ]

    /// - Throws: 400 when the timestamp is more than 35 days past or 5 minutes ahead, Stripe's published limits.
    init(_ arguments: Arguments, now: Int) throws(APIError) {
        eventName = try arguments.required("event_name")
        payload = arguments.texts("payload")
        identifier = arguments.text("identifier") ?? UUID().uuidString.lowercased()
        timestamp = arguments.integer("timestamp") ?? now
        created = now
        if timestamp < now - 35 * 86_400 {
            throw Self.refused("The timestamp must be within the past 35 calendar days.")
        }
        if timestamp > now + 300 {
            throw Self.refused("The timestamp must be at most 5 minutes in the future.")
        }
    }

    private static func refused(_ message: String) -> APIError {
        .invalid(message, param: "timestamp").beforeExecution
    }

    /// The event's value for a meter: 1 for a count, else the number in the payload.
    ///
    /// - Throws: 400 when there is none, it is no plain decimal number, or it has more than 15 digits.
    func value(for meter: Meter) throws(APIError) -> Decimal {
        if meter.formula == .count { return 1 }
        let param = "payload[\(meter.valueKey)]"
        guard let text = payload[meter.valueKey] else {
            throw .invalid("The payload must have the key \(meter.valueKey), the meter's value.", param: param)
        }
        let unsigned = text.first == "-" ? text.dropFirst() : text[...]
        let parts = unsigned.split(separator: ".", omittingEmptySubsequences: false)
        let isPlain = parts.count <= 2 && parts.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy(Self.isDigit) }
        guard isPlain, unsigned.count <= 100, let value = Decimal(string: text) else {
            throw .invalid("Invalid value for the meter: '\(text)' is not a number.", param: param)
        }
        let whole = parts[0].drop { $0 == "0" }.count
        let fraction = parts.count == 2 ? parts[1].count : 0
        guard whole + fraction <= Self.maximumDigits else {
            throw .invalid("The value of a meter event can have at most 15 digits: '\(text)'.", param: param)
        }
        return value
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

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
}
