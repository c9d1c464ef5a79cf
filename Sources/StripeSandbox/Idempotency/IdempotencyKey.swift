/// The key of a request and what it must be the same request for: method, path and parameters.
struct IdempotencyKey: Sendable {
    let key: String
    let fingerprint: Fingerprint

    /// The key of a request; nil without one. Of the requests the sandbox has, only POSTs and v2 deletions have keys
    /// (docs.stripe.com/api/idempotent_requests, docs.stripe.com/api-v2-overview#idempotency).
    ///
    /// - Throws: 400 for a key of more than 255 characters.
    init?(_ request: APIRequest, form: [String: FormValue]) throws(APIError) {
        let hasKey = request.method == "POST" || (request.isV2 && request.method == "DELETE")
        guard hasKey, let key = request.header("idempotency-key"), !key.isEmpty else { return nil }
        guard key.count <= 255 else {
            throw .invalid("Idempotency keys can be at most 255 characters long.").beforeExecution
        }
        self.key = key
        let place = "\(request.method) \(request.path)"
        if request.isV2 {
            fingerprint = Fingerprint(Array(place.utf8) + request.body)
        } else {
            let pairs = FormValue.map(form).pairs().map { "\($0.name)=\($0.text)" }
            fingerprint = Fingerprint(Array(([place] + pairs).joined(separator: "\n").utf8))
        }
    }

    var usedForAnother: APIError {
        var error = APIError.invalid(
            "Keys for idempotent requests can only be used with the same parameters they were first used with. "
                + "Use a key other than '\(key)' to execute a different request.")
        error.type = "idempotency_error"
        return error.beforeExecution
    }
}

extension APIError {
    /// The first request of the key is still running.
    static var keyInUse: APIError {
        var error = APIError.invalid(
            "There is currently another in-progress request using this Idempotency-Key. Please try again later.",
            code: "idempotency_key_in_use", status: 409)
        error.type = "idempotency_error"
        return error.beforeExecution
    }
}
