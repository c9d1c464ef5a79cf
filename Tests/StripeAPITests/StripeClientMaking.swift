import StripeAPI
import Testing

let secretText = "sk_test_51NeverPrintThis"

/// A client with the secret above, for a host that does not exist.
func makeClient(
    _ transport: any StripeTransport, limits: StripeLimits = .unbounded, clock: any Clock<Duration> = ContinuousClock()
) throws -> StripeClient {
    let configuration = StripeConfiguration(
        apiBase: "https://stripe.test/", secretKey: try #require(StripeSecretKey(secretText)),
        limits: limits,
        appInfo: StripeAppInfo(name: "tollgate", version: "0.1.0", url: "https://example.com/tollgate"))
    return StripeClient(configuration: configuration, transport: transport, clock: clock)
}

extension StripeLimits {
    /// Limits that no test meets unless it means to.
    static let unbounded = StripeLimits(
        requestsPerSecond: 1_000_000, endpointPerSecond: 1_000_000, meterEventsPerSecond: 1_000_000,
        usageRecordsPerSecond: 1_000_000, streamEventsPerSecond: 1_000_000)
}

/// An event that Stripe takes.
func makeEvent(
    _ identifier: String = "i1", customer: String = "cus_1", eventName: String = "messages", value: String = "7"
) -> MeterEventRequest {
    MeterEventRequest(
        eventName: eventName, customer: customer, timestamp: 1_800_000_000, identifier: identifier,
        payload: ["stripe_customer_id": customer, "value": value])
}
