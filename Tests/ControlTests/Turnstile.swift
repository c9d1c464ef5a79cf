import Synchronization

/// Lets so many in at once. Each test here has a Redis of its own, and all begin together: hundreds of servers and
/// clients keep each other from answering in time.
final class Turnstile: Sendable {
    /// Held by who is in, who leaves when it goes.
    final class Pass: Sendable {
        private let turnstile: Turnstile

        init(_ turnstile: Turnstile) { self.turnstile = turnstile }

        deinit { turnstile.leave() }
    }

    private struct State {
        var places: Int
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state: Mutex<State>

    init(places: Int) { state = Mutex(State(places: places)) }

    func enter() async -> Pass {
        await withCheckedContinuation { entry in
            let isFree = state.withLock { state in
                guard state.places == 0 else {
                    state.places -= 1
                    return true
                }
                state.waiting.append(entry)
                return false
            }
            if isFree { entry.resume() }
        }
        return Pass(self)
    }

    private func leave() {
        let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard state.waiting.isEmpty else { return state.waiting.removeFirst() }
            state.places += 1
            return nil
        }
        next?.resume()
    }
}
