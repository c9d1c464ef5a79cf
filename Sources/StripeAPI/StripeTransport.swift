public import HTTPLink

/// What carries a request to Stripe: the HTTP client, or what stands in for it in a test.
public protocol StripeTransport: Sendable {
    /// Sends the request once and waits for the whole answer, whatever its status.
    func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse
}

extension HTTPClient: StripeTransport {}
