import HTTPLink
import StripeAPI
import Synchronization

/// Stands in for Stripe, and holds every request until the test lets it go.
final class HeldStripe: StripeTransport {
    private struct State {
        var requests: [HTTPRequest] = []
        var held: [CheckedContinuation<Void, Never>] = []
        var mostHeld = 0
        var isOpen = false
    }

    private let state = Mutex(State())
    private let answer: String

    /// Answers each request with this.
    init(_ answer: String = Fixture.event) {
        self.answer = answer
    }

    /// All so far, those still held included.
    var requests: [HTTPRequest] { state.withLock { $0.requests } }
    var heldCount: Int { state.withLock { $0.held.count } }
    /// The most that were held at once.
    var mostHeld: Int { state.withLock { $0.mostHeld } }

    func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                state.requests.append(request)
                guard !state.isOpen else { return true }
                state.held.append(continuation)
                state.mostHeld = max(state.mostHeld, state.held.count)
                return false
            }
            if isOpen { continuation.resume() }
        }
        return HTTPResponse(status: 200, body: Array(answer.utf8))
    }

    /// Lets the request go that came first.
    func release() {
        state.withLock { $0.held.isEmpty ? nil : $0.held.removeFirst() }?.resume()
    }

    /// Lets all go, and holds none from now on.
    func open() {
        let held = state.withLock { state in
            state.isOpen = true
            defer { state.held.removeAll() }
            return state.held
        }
        for continuation in held { continuation.resume() }
    }
}
