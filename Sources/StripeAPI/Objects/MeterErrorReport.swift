/// What Stripe could not record of the meter events it had received in some seconds
/// (docs.stripe.com/billing/subscriptions/usage-based/recording-usage-api#handle-meter-event-errors).
public struct MeterErrorReport: Sendable, Equatable, Decodable {
    /// The type of an event whose report is about one meter.
    public static let triggeredType = "v1.billing.meter.error_report_triggered"
    /// The type of an event whose report is about events for which there is no meter.
    public static let noMeterType = "v1.billing.meter.no_meter_found"

    /// One kind of error.
    public struct Kind: Sendable, Equatable {
        /// Such as `meter_event_customer_not_found`; an open enumeration.
        public let code: String
        /// How many events it met.
        public let count: Int64
        /// Some of them: a sample, not the list.
        public let samples: [Sample]
    }

    /// One event that was not recorded.
    public struct Sample: Sendable, Equatable {
        /// A sentence for people.
        public let message: String
        /// The event's identifier, or where that is missing the idempotency key of its request, which older examples in
        /// the documentation have alone. A key of the stream's, or of a range that was sent again, is no identifier.
        public let identifier: String?
    }

    /// A sentence for people.
    public let summary: String
    /// How many events were not recorded.
    public let errorCount: Int64
    /// The kinds of errors.
    public let kinds: [Kind]
    /// The span in which Stripe looked at them, RFC 3339.
    public let validationStart: String?
    /// The end of that span, RFC 3339.
    public let validationEnd: String?

    /// Reads Stripe's object; fields it does not name are ignored.
    public init(from decoder: any Decoder) throws {
        let wire = try Wire(from: decoder)
        summary = wire.developer_message_summary ?? ""
        kinds = (wire.reason.error_types ?? []).map { type in
            let samples = (type.sample_errors ?? []).map { error in
                Sample(
                    message: error.error_message ?? "",
                    identifier: error.request?.identifier ?? error.request?.idempotency_key)
            }
            return Kind(code: type.code, count: type.error_count ?? Int64(samples.count), samples: samples)
        }
        errorCount = wire.reason.error_count ?? kinds.reduce(0) { $0 + $1.count }
        validationStart = wire.validation_start
        validationEnd = wire.validation_end
    }

    /// The names are Stripe's.
    private struct Wire: Decodable {
        struct Reason: Decodable {
            let error_count: Int64?
            let error_types: [ErrorType]?
        }

        struct ErrorType: Decodable {
            let code: String
            let error_count: Int64?
            let sample_errors: [SampleError]?
        }

        struct SampleError: Decodable {
            let error_message: String?
            let request: Request?
        }

        struct Request: Decodable {
            let identifier: String?
            let idempotency_key: String?
        }

        let developer_message_summary: String?
        let reason: Reason
        let validation_start: String?
        let validation_end: String?
    }
}
