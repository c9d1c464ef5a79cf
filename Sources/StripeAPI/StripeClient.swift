import Foundation
import HTTPLink

/// Typed calls to Stripe's API, each sent once: whether to send again is the caller's decision. The one place that
/// knows paths, parameters and the API version. Calls may be made from any task; together they keep the pace of
/// `requestsPerSecond`.
public final class StripeClient: Sendable {
    let configuration: StripeConfiguration
    private let transport: any StripeTransport
    private let pacer: Pacer

    /// Uses the transport for every call and never shuts it down.
    public convenience init(configuration: StripeConfiguration, transport: any StripeTransport) {
        self.init(configuration: configuration, transport: transport, clock: ContinuousClock())
    }

    /// As the other, with the clock that the pace of calls is kept by.
    public init<C: Clock<Duration>>(
        configuration: StripeConfiguration, transport: any StripeTransport, clock: C
    ) {
        self.configuration = configuration
        self.transport = transport
        pacer = Pacer(perSecond: configuration.requestsPerSecond, clock: clock)
    }

    func get<Answer: Decodable>(
        _ path: String, query: Form, as type: Answer.Type
    ) async throws(StripeError) -> Answer {
        let suffix = query.fields.isEmpty ? "" : "?\(query.encoded)"
        let request = HTTPRequest(
            method: "GET", url: configuration.apiBase + path + suffix, headers: commonHeaders,
            deadline: configuration.deadline)
        return try await perform(request, as: type)
    }

    func post<Answer: Decodable>(
        _ path: String, body: Form, idempotencyKey: String, as type: Answer.Type
    ) async throws(StripeError) -> Answer {
        // Stripe takes keys of up to 255 characters (docs.stripe.com/api/idempotent_requests).
        guard (1...255).contains(idempotencyKey.utf8.count),
            idempotencyKey.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else {
            throw .local(.invalidArgument, "an idempotency key is 1 to 255 printable characters")
        }
        let headers =
            commonHeaders + [
                ("Content-Type", "application/x-www-form-urlencoded"), ("Idempotency-Key", idempotencyKey),
            ]
        let request = HTTPRequest(
            method: "POST", url: configuration.apiBase + path, headers: headers, body: Array(body.encoded.utf8),
            deadline: configuration.deadline)
        return try await perform(request, as: type)
    }

    private var commonHeaders: [(name: String, value: String)] {
        [
            ("Authorization", "Bearer \(configuration.secretKey.value)"),
            ("Stripe-Version", configuration.apiVersion),
            ("User-Agent", configuration.appInfo.userAgent),
            ("X-Stripe-Client-User-Agent", configuration.appInfo.clientUserAgent),
            ("Accept", "application/json"),
        ]
    }

    private func perform<Answer: Decodable>(
        _ request: HTTPRequest, as type: Answer.Type
    ) async throws(StripeError) -> Answer {
        try await pacer.waitTurn(longest: configuration.longestPacing)
        let response: HTTPResponse
        do {
            response = try await transport.send(request)
        } catch {
            throw StripeError(error, hiding: configuration.secretKey)
        }
        guard (200..<300).contains(response.status) else {
            throw StripeError(response, hiding: configuration.secretKey)
        }
        do {
            return try JSONDecoder().decode(type, from: Data(response.body))
        } catch {
            throw .unreadable(response, hiding: configuration.secretKey)
        }
    }
}
