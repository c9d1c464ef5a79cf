import Synchronization

/// Lets one caller at a time in for each object, and `atOnce` for the wire. Others wait in the order they came, so many
/// and so long as is allowed.
final class Turnstile: Sendable {
    private enum Outcome {
        case entered, late, cancelled
        case full(Int)
    }

    private struct Waiter {
        let id: UInt64
        let continuation: CheckedContinuation<Outcome, Never>
    }

    private struct Gate {
        var inside = 0
        var line: [Waiter] = []
    }

    private struct State {
        var gates: [CallObject: Gate] = [:]
        var waiting = 0
        var nextID: UInt64 = 0
    }

    private let state = Mutex(State())
    private let limits: StripeLimits
    private let clock: CallClock

    init(limits: StripeLimits, clock: CallClock) {
        self.limits = limits
        self.clock = clock
    }

    /// How many wait now. A test waits for it before it goes on.
    var waitingCount: Int { state.withLock { $0.waiting } }

    /// Returns when the caller is in; it must call `leave`. Throws `queueFull` when too many wait, and `paced` when the
    /// caller has waited for `longest`.
    func enter(_ object: CallObject, longest: Duration) async throws(StripeError) {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        var timer: Task<Void, Never>?
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if let outcome = begin(object, Waiter(id: id, continuation: continuation), longest: longest) {
                    continuation.resume(returning: outcome)
                } else {
                    timer = Task { [clock] in
                        // A timer that was cancelled finds nobody to wake.
                        try? await clock.sleep(longest)
                        if !Task.isCancelled { self.giveUp(object, id, .late) }
                    }
                }
            }
        } onCancel: {
            giveUp(object, id, .cancelled)
        }
        timer?.cancel()
        switch outcome {
        case .entered: return
        case .late: throw .local(.paced, "the calls before it took too long")
        case .cancelled: throw .local(.cancelled, "cancelled while waiting for its turn")
        case .full(let count): throw .local(.queueFull, "\(count) calls are waiting before it")
        }
    }

    /// Ends the caller's turn and lets in who has waited longest.
    func leave(_ object: CallObject) {
        let next = state.withLock { state -> Waiter? in
            guard var gate = state.gates[object] else { return nil }
            defer { state.gates[object] = gate.inside == 0 ? nil : gate }
            guard !gate.line.isEmpty else {
                gate.inside -= 1
                return nil
            }
            state.waiting -= 1
            return gate.line.removeFirst()
        }
        next?.continuation.resume(returning: .entered)
    }

    /// What came of the caller at once; nil when it has to wait.
    private func begin(_ object: CallObject, _ waiter: Waiter, longest: Duration) -> Outcome? {
        state.withLock { state in
            // Cancellation sets the flag before it runs the handler, so either the flag is seen here, under the lock,
            // or the handler finds the waiter.
            if Task.isCancelled { return .cancelled }
            var gate = state.gates[object] ?? Gate()
            if gate.inside < (object == .wire ? limits.atOnce : 1) {
                gate.inside += 1
                state.gates[object] = gate
                return .entered
            }
            let hasOwnBound = object != .wire && object != .streamSession
            if hasOwnBound, gate.line.count >= limits.waitingForObject { return .full(gate.line.count) }
            guard state.waiting < limits.waiting else { return .full(state.waiting) }
            guard longest > .zero else { return .late }
            gate.line.append(waiter)
            state.gates[object] = gate
            state.waiting += 1
            return nil
        }
    }

    private func giveUp(_ object: CallObject, _ id: UInt64, _ outcome: Outcome) {
        let waiter = state.withLock { state -> Waiter? in
            guard let place = state.gates[object]?.line.firstIndex(where: { $0.id == id }) else { return nil }
            state.waiting -= 1
            return state.gates[object]?.line.remove(at: place)
        }
        waiter?.continuation.resume(returning: outcome)
    }
}
