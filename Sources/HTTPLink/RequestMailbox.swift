import Synchronization

/// The one place where callers and the loop's thread meet. It bounds how many requests there are and makes the race
/// between submitting, cancelling and stopping harmless: each request is in exactly one phase.
final class RequestMailbox: Sendable {
    /// Where a request stands. registered → submitted → (forgotten), or registered → cancelled → (forgotten).
    private enum Phase {
        /// `send` has a place but has not suspended yet.
        case registered
        /// In the inbox, or with the loop.
        case submitted
        /// Cancelled before it was submitted; submitting it fails.
        case cancelled
    }

    /// What the loop takes out in one turn.
    struct Batch {
        var submissions: [Submission]
        var cancellations: [UInt64]
        var isStopped: Bool
    }

    private struct State {
        var nextID: UInt64 = 0
        var phases: [UInt64: Phase] = [:]
        var inbox: [Submission] = []
        var cancellations: [UInt64] = []
        var isStopped = false
        /// Nil once the loop has let go of the handle.
        var multi: MultiHandle?
    }

    private let state: Mutex<State>
    private let maxPending: Int

    init(multi: MultiHandle, maxPending: Int) {
        state = Mutex(State(multi: multi))
        self.maxPending = maxPending
    }

    /// Takes a place for one request and names it; fails when there is none.
    func register(_ request: HTTPRequest) -> Result<UInt64, HTTPError> {
        state.withLock { state in
            if state.isStopped { return .failure(.shutDown(request, wasSent: false)) }
            guard state.phases.count < maxPending else { return .failure(.queueFull(request, limit: maxPending)) }
            state.nextID += 1
            state.phases[state.nextID] = .registered
            return .success(state.nextID)
        }
    }

    /// Hands a registered request to the loop, or resumes it at once if it was cancelled or the client is stopping.
    func submit(_ submission: Submission) {
        let failure: HTTPError? = state.withLock { state in
            if state.isStopped {
                state.phases[submission.id] = nil
                return .shutDown(submission.request, wasSent: false)
            }
            if state.phases[submission.id] == .cancelled {
                state.phases[submission.id] = nil
                return .cancelled(submission.request, wasSent: false)
            }
            state.phases[submission.id] = .submitted
            state.inbox.append(submission)
            state.multi?.wake()
            return nil
        }
        if let failure {
            submission.continuation.resume(returning: .failure(failure))
        }
    }

    /// Asks for the end of a request, in whichever phase it is. One that is over already is left alone.
    func cancel(_ id: UInt64) {
        state.withLock { state in
            switch state.phases[id] {
            case .registered:
                state.phases[id] = .cancelled
            case .submitted:
                state.cancellations.append(id)
                state.multi?.wake()
            case .cancelled, nil:
                break
            }
        }
    }

    /// Gives a request's place back. The loop calls it before it resumes the caller.
    func finish(_ id: UInt64) {
        state.withLock { $0.phases[id] = nil }
    }

    /// No request is taken from now on, and the loop ends those it has.
    func stop() {
        state.withLock { state in
            state.isStopped = true
            state.multi?.wake()
        }
    }

    /// Everything that came since the last call.
    func drain() -> Batch {
        state.withLock { state in
            defer {
                state.inbox.removeAll(keepingCapacity: true)
                state.cancellations.removeAll(keepingCapacity: true)
            }
            return Batch(
                submissions: state.inbox, cancellations: state.cancellations, isStopped: state.isStopped)
        }
    }

    /// After this nobody wakes the handle, so the loop may free it.
    func releaseHandle() {
        state.withLock { $0.multi = nil }
    }
}
