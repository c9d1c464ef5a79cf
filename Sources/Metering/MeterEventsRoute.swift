/// A route for one meter event at Stripe.
public enum MeterEventsRoute: String, Sendable, CaseIterable {
    /// `POST /v1/billing/meter_events`.
    case v1
    /// `POST /v2/billing/meter_events`.
    case v2
}
