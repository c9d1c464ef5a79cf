import RedisLink

/// An error as callers read it: a problem document (RFC 9457) with a code for programs.
struct Problem: Error {
    let status: Int
    let title: String
    let detail: String
    let code: String
    var headers: [(name: String, value: String)] = []

    static func badRequest(_ detail: String, code: String = "bad_request") -> Problem {
        Problem(status: 400, title: "Bad Request", detail: detail, code: code)
    }

    static var unauthorized: Problem {
        Problem(
            status: 401, title: "Unauthorized", detail: "send the control token as Authorization: Bearer …",
            code: "unauthorized", headers: [("WWW-Authenticate", "Bearer")])
    }

    static func notFound(_ detail: String, code: String = "not_found") -> Problem {
        Problem(status: 404, title: "Not Found", detail: detail, code: code)
    }

    static func methodNotAllowed(_ method: String, allowed: [String]) -> Problem {
        let list = allowed.joined(separator: ", ")
        return Problem(
            status: 405, title: "Method Not Allowed", detail: "\(method) is not for this path, which takes \(list)",
            code: "method_not_allowed", headers: [("Allow", list)])
    }

    static func conflict(_ detail: String, code: String) -> Problem {
        Problem(status: 409, title: "Conflict", detail: detail, code: code)
    }

    static func tooLarge(limit: Int) -> Problem {
        Problem(
            status: 413, title: "Content Too Large", detail: "a body has at most \(limit) bytes", code: "too_large")
    }

    static func `internal`(_ detail: String) -> Problem {
        Problem(status: 500, title: "Internal Server Error", detail: detail, code: "internal")
    }

    static func unavailable(_ detail: String, code: String) -> Problem {
        Problem(
            status: 503, title: "Service Unavailable", detail: detail, code: code, headers: [("Retry-After", "1")])
    }

    /// What a failure of the store means for a caller.
    init(_ error: StoreError) {
        self = error.isRetryable ? .unavailable(error.message, code: "store") : .internal(error.message)
    }

    init(
        status: Int, title: String, detail: String, code: String, headers: [(name: String, value: String)] = []
    ) {
        self.status = status
        self.title = title
        self.detail = detail
        self.code = code
        self.headers = headers
    }

    var answer: ControlAnswer {
        let document: JSONValue = .object([
            "type": .string("about:blank"), "title": .string(title), "status": .integer(Int64(status)),
            "detail": .string(detail), "code": .string(code),
        ])
        var answer = ControlAnswer.json(document, status: status)
        answer.headers = [("Content-Type", "application/problem+json")] + headers
        return answer
    }
}
