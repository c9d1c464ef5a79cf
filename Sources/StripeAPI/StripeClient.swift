import Foundation
import HTTPLink

/// Typed calls to Stripe's API, each sent once: whether to send again is the caller's decision. The one place that
/// knows paths, parameters and the API version. Calls may be made from any task; together they keep Stripe's limits.
/// A call waits for its turn `longestPacing` at most, and then lasts `deadline` at most.
public final class StripeClient: Sendable {
    let configuration: StripeConfiguration
    private let transport: any StripeTransport
    let gate: CallGate
    let session: StreamSession
    /// Makes the keys of POSTs that the caller gives none.
    let makeKey: @Sendable () -> String

    /// Uses the transport for every call and never shuts it down.
    public convenience init(configuration: StripeConfiguration, transport: any StripeTransport) {
        self.init(configuration: configuration, transport: transport, clock: ContinuousClock())
    }

    /// As the other, with the clock that the limits are kept by.
    public init<C: Clock<Duration>>(
        configuration: StripeConfiguration, transport: any StripeTransport, clock: C
    ) {
        self.configuration = configuration
        self.transport = transport
        gate = CallGate(limits: configuration.limits, clock: CallClock(clock))
        session = StreamSession(gate: gate)
        makeKey = { UUID().uuidString.lowercased() }
    }

    /// The limits are those of an account. Where so many clients send its usage, this one among them, each keeps to its
    /// part of every pace; one is alone until it is told otherwise.
    public func share(among clients: Int) { gate.share(among: clients) }

    func get<Answer: Decodable>(
        _ endpoint: Endpoint, id: String? = nil, query: Form = Form(), as type: Answer.Type
    ) async throws(StripeError) -> Answer {
        try await perform(Call(endpoint: endpoint, id: id, query: query), as: type)
    }

    func post<Answer: Decodable>(
        _ endpoint: Endpoint, id: String? = nil, _ body: Call.Body, key: String, about object: CallObject? = nil,
        as type: Answer.Type, isForUsageRecords: Bool = false
    ) async throws(StripeError) -> Answer {
        let call = Call(
            endpoint: endpoint, id: id, body: body, idempotencyKey: key, isForUsageRecords: isForUsageRecords,
            object: object)
        return try await perform(call, as: type)
    }

    /// When a call that begins now must be over, by the gate's clock.
    var endOfCall: Duration { gate.clock.now() + configuration.longestPacing + configuration.deadline }

    /// Makes one call and reads its answer.
    ///
    /// - Parameters:
    ///   - call: what to ask.
    ///   - bearer: stands in place of the secret key.
    ///   - end: when it must be over, by the gate's clock.
    func perform<Answer: Decodable>(
        _ call: Call, bearer: StripeSecretKey? = nil, end: Duration? = nil, as type: Answer.Type
    ) async throws(StripeError) -> Answer {
        let end = end ?? endOfCall
        let secrets = [configuration.secretKey] + (bearer.map { [$0] } ?? [])
        var request = try request(call, bearer: bearer ?? configuration.secretKey)
        let longest = min(configuration.longestPacing, end - gate.clock.now())
        let response = try await gate.pass(call, longest: longest) { () async throws(StripeError) in
            request.deadline = min(configuration.deadline, end - gate.clock.now())
            do throws(HTTPError) {
                return try await transport.send(request)
            } catch {
                throw StripeError(error, hiding: secrets)
            }
        }
        guard (200..<300).contains(response.status) else { throw StripeError(response, hiding: secrets) }
        do {
            let answer = try JSONDecoder().decode(type, from: Data(response.body))
            guard response.isReplayed, var replayed = answer as? any Replayable else { return answer }
            replayed.isReplayed = true
            return replayed as? Answer ?? answer
        } catch {
            throw .unreadable(response, hiding: secrets)
        }
    }

    private func request(_ call: Call, bearer: StripeSecretKey) throws(StripeError) -> HTTPRequest {
        let base = call.endpoint == .sendToStream ? configuration.meterEventsBase : configuration.apiBase
        let suffix = call.query.fields.isEmpty ? "" : "?\(call.query.encoded)"
        var headers = [
            ("Authorization", "Bearer \(bearer.value)"),
            ("Stripe-Version", call.version(configured: configuration.apiVersion)),
            ("User-Agent", configuration.appInfo.userAgent),
            ("X-Stripe-Client-User-Agent", configuration.appInfo.clientUserAgent),
            ("Accept", "application/json"),
        ]
        if let body = call.body { headers.append(("Content-Type", body.contentType)) }
        if let key = call.idempotencyKey {
            // Stripe takes keys of up to 255 characters (docs.stripe.com/api/idempotent_requests).
            guard (1...255).contains(key.utf8.count), key.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
                throw .local(.invalidArgument, "an idempotency key is 1 to 255 printable characters")
            }
            headers.append(("Idempotency-Key", key))
        }
        return HTTPRequest(
            method: call.endpoint.method, url: base + call.endpoint.path(call.id) + suffix, headers: headers,
            body: call.body?.bytes ?? [], deadline: configuration.deadline)
    }
}
