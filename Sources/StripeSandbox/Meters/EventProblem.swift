/// Why a meter event does not count. The same problem can come as a refusal or, later, in an error report.
struct EventProblem: Error, Sendable {
    /// What is wrong, by the codes of error reports (docs.stripe.com/api/v2/core/events/event-types).
    enum Kind: String, Sendable {
        case archivedMeter = "archived_meter"
        case customerNotFound = "meter_event_customer_not_found"
        case invalidValue = "meter_event_invalid_value"
        case noCustomerDefined = "meter_event_no_customer_defined"
        case valueTooManyDigits = "meter_event_value_too_many_digits"
        case noMeter = "no_meter"
        case timestampInFuture = "timestamp_in_future"
        case timestampTooFarInPast = "timestamp_too_far_in_past"
        /// Has no code of its own in reports.
        case valueMissing
    }

    let kind: Kind
    let message: String
    let param: String
    /// The meter's id; nil when the event names none.
    let meter: String?

    init(_ kind: Kind, _ message: String, param: String, meter: String? = nil) {
        self.kind = kind
        self.message = message
        self.param = param
        self.meter = meter
    }

    /// The code in error reports.
    var code: String { kind == .valueMissing ? Kind.invalidValue.rawValue : kind.rawValue }

    /// The refusal by `POST /v1/billing/meter_events`.
    var refusal: APIError {
        switch kind {
        case .timestampInFuture, .timestampTooFarInPast: .invalid(message, param: param).beforeExecution
        case .customerNotFound: .invalid(message, code: "resource_missing", param: param)
        default: .invalid(message, param: param)
        }
    }

    /// The refusal by `POST /v2/billing/meter_events`, whose codes are documented with that call
    /// (docs.stripe.com/api/v2/billing/meter-event/create).
    var refusalV2: APIError {
        let name =
            switch kind {
            case .valueMissing: "payload_no_value_defined"
            case .invalidValue, .valueTooManyDigits: "payload_invalid_value"
            case .noCustomerDefined: "payload_no_customer_defined"
            default: kind.rawValue
            }
        return .invalid(message, code: name, param: param)
    }
}
