/// An error in Stripe's shape: a status and the `error` object of the body. The `type` names are those of Stripe's
/// published `error` schema, the `code` names those of its error code list.
struct APIError: Error, Sendable {
    var status: Int
    var type: String
    var code: String?
    var message: String
    var param: String?
    var headers: [String: String] = [:]

    /// Whether the endpoint had begun to run. Stripe saves an answer under its idempotency key only from then on, so a
    /// request that failed validation may be corrected and sent again with the same key.
    var isSavedUnderKey = true

    static func invalid(
        _ message: String, code: String? = nil, param: String? = nil, status: Int = 400
    ) -> APIError {
        APIError(status: status, type: "invalid_request_error", code: code, message: message, param: param)
    }

    static func missing(_ param: String) -> APIError {
        .invalid("Missing required param: \(param).", code: "parameter_missing", param: param).beforeExecution
    }

    /// The object that a path or parameter names is not there: 404 for a path, 400 for a parameter.
    static func noSuch(_ noun: String, _ id: String, param: String, status: Int) -> APIError {
        .invalid("No such \(noun): '\(id)'", code: "resource_missing", param: param, status: status)
    }

    static func unauthenticated(_ message: String) -> APIError {
        var error = APIError.invalid(message, status: 401).beforeExecution
        error.headers["WWW-Authenticate"] = "Bearer realm=\"Stripe\""
        return error
    }

    /// A limiter's 429. It answers before the idempotency layer, so it says nothing about an earlier attempt.
    static func rateLimited(_ reason: RateLimitReason) -> APIError {
        var error = APIError.invalid("Request rate limit exceeded.", code: "rate_limit", status: 429).beforeExecution
        error.headers["Stripe-Rate-Limited-Reason"] = reason.rawValue
        return error
    }

    /// The 429 of an object that another request holds: it has no reason
    /// (docs.stripe.com/rate-limits#object-lock-timeouts).
    static var lockTimeout: APIError {
        .invalid(
            "This object cannot be accessed right now because another API request or Stripe process is currently "
                + "accessing it.", code: "lock_timeout", status: 429
        ).beforeExecution
    }

    /// The stream's answer to a token that has run out (docs.stripe.com/api/v2/billing/meter-event-stream/create).
    static var sessionExpired: APIError {
        var error = APIError.invalid(
            "The temporary session token has expired.", code: "billing_meter_event_session_expired", status: 401)
        error.type = "temporary_session_expired"
        return error.beforeExecution
    }

    static var serverFault: APIError {
        APIError(status: 500, type: "api_error", message: "An unknown error occurred.")
    }

    /// The same error, marked as one that came before the endpoint ran.
    var beforeExecution: APIError {
        var error = self
        error.isSavedUnderKey = false
        return error
    }

    /// The answer to a request. Errors of the v2 API have fewer members.
    func answer(to request: APIRequest) -> APIAnswer {
        var members: [String: JSONValue] = ["type": .text(type), "message": .text(message)]
        if let code { members["code"] = .text(code) }
        if request.isV2 { return answer(members) }
        if let code {
            let page = String(code.map { $0 == "_" ? "-" : $0 })
            members["doc_url"] = .text("https://docs.stripe.com/error-codes#\(page)")
        }
        if let param { members["param"] = .text(param) }
        return answer(members)
    }

    private func answer(_ members: [String: JSONValue]) -> APIAnswer {
        var headers = headers
        // Seen on refused requests: the same request will be refused again.
        if status == 400 { headers["Stripe-Should-Retry"] = "false" }
        return APIAnswer(status: status, headers: headers, .object(["error": .object(members)]))
    }
}
