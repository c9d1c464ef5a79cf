/// The first answer to an idempotency key, and to what it was the answer.
struct SavedAnswer: Codable, Sendable {
    let fingerprint: Fingerprint
    let status: Int
    let headers: [String: String]
    let body: String
    let requestID: String

    /// The same answer again. Stripe marks it `Idempotent-Replayed` and names the request it belonged to.
    var replay: APIAnswer {
        var headers = headers
        headers["Idempotent-Replayed"] = "true"
        headers["Original-Request"] = requestID
        return APIAnswer(status: status, headers: headers, body: Array(body.utf8))
    }
}
