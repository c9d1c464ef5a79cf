/// The key of a request and what it must be the same request for: method, path and parameters.
struct IdempotencyKey: Sendable {
    let key: String
    let fingerprint: String

    /// The key of a request; nil without one. In v1 only POST has keys: Stripe ignores the header elsewhere.
    ///
    /// - Throws: 400 for a key of more than 255 characters.
    init?(_ request: APIRequest, form: [String: FormValue]) throws(APIError) {
        guard request.method == "POST", let key = request.header("idempotency-key"), !key.isEmpty else { return nil }
        guard key.count <= 255 else {
            throw .invalid("Idempotency keys can be at most 255 characters long.").beforeExecution
        }
        self.key = key
        let pairs = FormValue.map(form).pairs().map { "\($0.name)=\($0.text)" }
        fingerprint = (["\(request.method) \(request.path)"] + pairs).joined(separator: "\n")
    }

    var usedForAnother: APIError {
        var error = APIError.invalid(
            "Keys for idempotent requests can only be used with the same parameters they were first used with. "
                + "Use a key other than '\(key)' to execute a different request.")
        error.type = "idempotency_error"
        return error.beforeExecution
    }

    var inFlight: APIError {
        var error = APIError.invalid(
            "Another request with the key '\(key)' is in progress. Try again once it has been answered.",
            code: "idempotency_key_in_use", status: 409)
        error.type = "idempotency_error"
        return error.beforeExecution
    }
}
