/// What becomes of an hour whose event Stripe took and then could not use.
public enum MeterErrorVerdict: Sendable, Equatable {
    /// It is owed again: what was wrong passes, or is kept from being sent until it is put right.
    case owed
    /// It waits for an operator.
    case dead

    /// Goes by Stripe's code. The list of codes is open (`billing.meter.error_report_triggered` in
    /// docs.stripe.com/api/v2/events/event-types); one that is not known here is for a person to look at.
    public init(code: String) {
        self =
            switch code {
            // Stripe takes up to five minutes ahead (docs.stripe.com/api/billing/meter-event/create): it passes.
            case "timestamp_in_future": .owed
            // The check of the meter, which comes before each send, holds the hours until there is one that fits.
            case "no_meter", "archived_meter": .owed
            // meter_event_customer_not_found, meter_event_no_customer_defined, meter_event_invalid_value,
            // meter_event_value_too_many_digits, timestamp_too_far_in_past, meter_event_dimension_count_too_high,
            // missing_dimension_payload_keys: sent again, they would fail again.
            default: .dead
            }
    }
}
