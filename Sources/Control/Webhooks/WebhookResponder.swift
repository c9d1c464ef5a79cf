import Billing
import HTTPTypes
import Hummingbird
import NIOCore
import RedisLink

/// Takes Stripe's events, and nothing else. 2xx means that the event is in Redis and its append-only file, or need not
/// be kept; Stripe sends again whatever gets another answer (docs.stripe.com/webhooks: "Automatic retries").
///
/// Nothing of a body or a signature gets into a log or an answer.
struct WebhookResponder: HTTPResponder {
    static let path = "/webhooks/stripe"
    /// The most bytes a body may have. Stripe's are some kilobytes.
    static let largestBody = 1 << 20

    let endpoint: WebhookEndpoint
    let writer: WebhookWriter
    let counts: WebhookCounts
    let log: WebhookLog
    /// Unix milliseconds.
    let now: @Sendable () -> Int64

    func respond(to request: Request, context: BasicRequestContext) async throws -> Response {
        let answer: ControlAnswer
        do throws(Problem) {
            answer = try await keep(try await signedBody(of: request))
        } catch {
            answer = error.answer
        }
        // One request a connection: whoever holds one longer is cut off.
        var headers = HTTPFields([HTTPField(name: .connection, value: "close")])
        for (name, value) in answer.headers {
            if let name = HTTPField.Name(name) { headers[name] = value }
        }
        return Response(
            status: .init(code: answer.status), headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: answer.body)))
    }

    /// The body of a request that Stripe signed.
    private func signedBody(of request: Request) async throws(Problem) -> [UInt8] {
        guard request.uri.path == Self.path else {
            throw .notFound("there is nothing here but \(Self.path)", code: "no_such_path")
        }
        guard request.method == .post else { throw .methodNotAllowed(request.method.rawValue, allowed: ["POST"]) }
        // First: a request without a signature costs no reading.
        let signature = try signed { () throws(WebhookRefusal) in
            try WebhookSignature(header: HTTPField.Name("Stripe-Signature").flatMap { request.headers[$0] } ?? "")
        }
        let body = try await collect(request)
        try signed { () throws(WebhookRefusal) in
            try signature.check(
                body, secrets: endpoint.secrets().map(\.authenticator), now: now() / 1000,
                tolerance: Int64(endpoint.tolerance() / .seconds(1)))
        }
        log.tell(.signature, trouble: nil)
        return body
    }

    private func signed<Value>(_ check: () throws(WebhookRefusal) -> Value) throws(Problem) -> Value {
        do {
            return try check()
        } catch {
            counts.count(.unsigned)
            log.tell(.signature, trouble: error.message)
            throw .badRequest(error.message, code: "bad_signature")
        }
    }

    // MARK: - Reading

    private enum Reading: Sendable {
        case body([UInt8])
        case tooLarge, tooSlow, broken
    }

    /// The body whole, within its limits of size and time.
    private func collect(_ request: Request) async throws(Problem) -> [UInt8] {
        let length = request.headers[.contentLength].flatMap { Int($0) } ?? 0
        let reading = length > Self.largestBody ? .tooLarge : await read(request.body)
        switch reading {
        case .body(let body): return body
        case .tooLarge:
            counts.count(.large)
            throw .tooLarge(limit: Self.largestBody)
        case .tooSlow:
            counts.count(.slow)
            throw Problem(
                status: 408, title: "Request Timeout", detail: "the body did not come in time", code: "too_slow")
        case .broken: throw .badRequest("the body broke off", code: "broken_body")
        }
    }

    private func read(_ body: RequestBody) async -> Reading {
        let limit = endpoint.readLimit
        return await withTaskGroup(of: Reading.self) { group in
            group.addTask {
                do {
                    return .body(Array(try await body.collect(upTo: Self.largestBody).readableBytesView))
                } catch is NIOTooManyBytesError {
                    return .tooLarge
                } catch {
                    return .broken
                }
            }
            group.addTask {
                do {
                    try await Task.sleep(for: limit)
                } catch {
                    // The body was there first.
                }
                return .tooSlow
            }
            let first = await group.next() ?? .broken
            group.cancelAll()
            return first
        }
    }

    // MARK: - Keeping

    private func keep(_ bytes: [UInt8]) async throws(Problem) -> ControlAnswer {
        guard let body = WebhookBody(bytes) else {
            counts.count(.unreadable)
            throw .badRequest("the body is no event in JSON", code: "bad_event")
        }
        guard WebhookTopic(type: body.type) != nil else {
            counts.count(.ignored, type: body.type)
            return Self.yes("ignored")
        }
        switch await writer.put(body.event) {
        case .success(.stored):
            log.tell(.store, trouble: nil)
            counts.count(.stored, type: body.type)
            return Self.yes("stored")
        case .success(.known):
            counts.count(.known, type: body.type)
            return Self.yes("known")
        case .success(.full):
            counts.count(.full, type: body.type)
            log.tell(.store, trouble: "\(RedisStore.mostEvents) events wait to be applied")
            throw .unavailable("too many events wait: send it again", code: "full")
        case .failure(let error):
            counts.count(.unavailable, type: body.type)
            log.tell(.store, trouble: error.message)
            throw .unavailable("the event cannot be kept now: send it again", code: "store")
        }
    }

    private static func yes(_ outcome: String) -> ControlAnswer { .json(["outcome": outcome]) }
}
