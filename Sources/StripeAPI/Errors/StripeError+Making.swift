import Foundation
import HTTPLink

extension StripeError {
    /// An error of this process's own making; nothing was sent.
    static func local(_ code: LocalCode, _ message: String) -> StripeError {
        StripeError(source: .local, code: code.rawValue, message: message)
    }

    /// What the transport's error means for a call.
    init(_ error: HTTPError, hiding secrets: [StripeSecretKey]) {
        let code: LocalCode =
            switch error.code {
            case .cancelled: .cancelled
            case .invalidRequest: .invalidArgument
            default: error.isOutcomeUnknown ? .noAnswer : .notSent
            }
        self.init(
            source: code == .invalidArgument ? .local : .network, code: code.rawValue,
            message: Self.hide(secrets, in: error.message), isOutcomeUnknown: error.isOutcomeUnknown)
    }

    /// What an answer other than 2xx says. A body that is not in Stripe's shape leaves `type` nil, which is how a proxy
    /// or a wrong `stripe.api_base` shows.
    init(_ response: HTTPResponse, hiding secrets: [StripeSecretKey]) {
        let body = try? JSONDecoder().decode(ErrorEnvelope.self, from: Data(response.body)).error
        let hidden: (String?) -> String? = { $0.map { Self.hide(secrets, in: $0) } }
        let message =
            hidden(body?.message ?? body?.user_message) ?? "Stripe answered HTTP \(response.status) without saying why"
        self.init(
            source: .stripe,
            code: body == nil ? LocalCode.unreadableAnswer.rawValue : hidden(body?.code),
            type: hidden(body?.type),
            message: message,
            param: hidden(body?.param),
            httpStatus: response.status,
            requestID: hidden(response.headers["request-id"]),
            shouldRetry: response.headers["stripe-should-retry"].flatMap { Bool($0.lowercased()) },
            rateLimitedReason: hidden(response.headers["stripe-rate-limited-reason"]),
            isReplayed: response.isReplayed,
            wasSentAgain: response.wasSentAgain,
            isOutcomeUnknown: response.status >= 500 || response.leavesFirstOpen(isStripes: body != nil))
    }

    /// A 2xx whose body cannot be read: Stripe may have done it, or something else answered in its place.
    static func unreadable(_ response: HTTPResponse, hiding secrets: [StripeSecretKey]) -> StripeError {
        StripeError(
            source: .stripe, code: LocalCode.unreadableAnswer.rawValue,
            message: "the answer is not in Stripe's shape: check stripe.api_base and any proxy on the way",
            httpStatus: response.status,
            requestID: response.headers["request-id"].map { hide(secrets, in: $0) },
            isOutcomeUnknown: true)
    }

    /// The error of a call that was only to prepare another: whatever became of it, nothing of the other was sent. What
    /// Stripe refused stays as it is.
    var asNothingSent: StripeError {
        guard isOutcomeUnknown else { return self }
        return StripeError(
            source: .network, code: LocalCode.notSent.rawValue, message: "no session of the stream: \(message)",
            requestID: requestID)
    }

    /// Stripe quotes a part of a wrong key, a proxy may quote a whole header.
    private static func hide(_ secrets: [StripeSecretKey], in text: String) -> String {
        secrets.reduce(text) { $0.replacingOccurrences(of: $1.value, with: $1.description) }
    }

    private struct ErrorEnvelope: Decodable {
        struct Body: Decodable {
            let type: String?
            let code: String?
            let message: String?
            let user_message: String?
            let param: String?
        }

        let error: Body
    }
}

extension HTTPResponse {
    /// Whether it is the saved answer to an earlier request with the same key
    /// (docs.stripe.com/error-low-level#idempotency).
    var isReplayed: Bool { headers["idempotent-replayed"]?.lowercased() == "true" }

    /// Whether it is to a repetition of the request and says nothing of the first: it comes from before idempotency is
    /// looked at, or the first is still under way.
    fileprivate func leavesFirstOpen(isStripes: Bool) -> Bool {
        wasSentAgain && !isReplayed && (!isStripes || [401, 403, 408, 409, 429].contains(status))
    }
}
