import HTTPLink
import StripeAPI
import Synchronization

/// Stands in for Stripe: keeps every request and answers each with the next of its answers, the last one for ever.
final class RecordingTransport: StripeTransport {
    private struct State {
        var requests: [HTTPRequest] = []
        var answers: [Result<HTTPResponse, HTTPError>]
    }

    private let state: Mutex<State>

    var requests: [HTTPRequest] { state.withLock { $0.requests } }

    init(_ answers: [Result<HTTPResponse, HTTPError>]) {
        state = Mutex(State(answers: answers))
    }

    convenience init(_ status: Int = 200, headers: [String] = [], json: String) {
        self.init([.success(HTTPResponse(status: status, headerLines: headers, body: Array(json.utf8)))])
    }

    func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        let answer = state.withLock { state in
            state.requests.append(request)
            return state.answers.count > 1 ? state.answers.removeFirst() : state.answers.first
        }
        guard let answer else {
            throw HTTPError(code: .couldNotConnect, message: "no answer is scripted", isOutcomeUnknown: false)
        }
        return try answer.get()
    }
}
