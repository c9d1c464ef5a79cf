/// Stripe's `billing.meter_event_summary` (docs.stripe.com/api/billing/meter-event-summary/object): what it has
/// recorded for one customer in one span. It follows the events with a delay that Stripe does not state.
public struct MeterEventSummary: Sendable, Equatable, Decodable, ListElement {
    /// Names the row when the next page is asked for.
    public let id: String
    /// The span's start, seconds since the Unix epoch.
    public let startTime: Int64
    /// The span's end, seconds since the Unix epoch.
    public let endTime: Int64
    /// A floating-point number at Stripe; exact for the 15 digits a total may have.
    public let aggregatedValue: Double

    private enum CodingKeys: String, CodingKey {
        case id
        case startTime = "start_time"
        case endTime = "end_time"
        case aggregatedValue = "aggregated_value"
    }
}
