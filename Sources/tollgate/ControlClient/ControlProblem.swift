/// An answer of the control API that is no success: a problem document (RFC 9457), or whatever else came.
struct ControlProblem: Equatable, Sendable {
    let status: Int
    /// What is wrong, in the API's words.
    let message: String

    init(status: Int, body: [UInt8]) {
        self.status = status
        let problem = JSONValue(document: body)
        message = problem?["detail"]?.text ?? problem?["title"]?.text ?? "the control API answered HTTP \(status)"
    }

    /// With the exit code: what was typed is at fault (400, 404, 422, …), a rule refuses it (409), Redis or the daemon
    /// cannot serve it now (429, 502, 503, 504), or the daemon failed.
    var failure: CommandFailure {
        let outcome: Outcome =
            switch status {
            case 409: .refused
            case 429, 502...504: .unreachable
            case 400...499: .usage
            default: .fault
            }
        return CommandFailure(message, outcome)
    }
}
