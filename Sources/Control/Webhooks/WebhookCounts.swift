import Billing
import Synchronization

/// What became of webhooks, for `/metrics`. Shared by the listener and whoever applies events.
final class WebhookCounts: Sendable {
    /// What became of an event, as a label.
    enum Outcome: String {
        /// In the listener: kept; known already; of a type that is not followed.
        case stored, known, ignored
        /// Refused: not signed by Stripe, or not an event.
        case unsigned, unreadable
        /// Refused: too long, or too slow.
        case large = "too_large"
        case slow = "too_slow"
        /// Refused, to be sent again: too many wait; Redis is away.
        case full, unavailable
        /// In the worker.
        case applied, failed, dead
    }

    /// What became of a meter event that Stripe could not use, as a label.
    enum MeterError: String {
        /// Its hour is owed again; waits for an operator; is not known, or sent anew meanwhile.
        case owed, dead, unmatched
        /// Stripe counted it and named no identifier.
        case unnamed
    }

    private struct Label: Hashable {
        let type: String
        let outcome: String
    }

    private struct State {
        var events: [Label: Int] = [:]
        var meterErrors: [String: Int] = [:]
        var isWorker = false
    }

    private let state = Mutex(State())

    /// Counts one; `type` is empty while it is not known, and an unknown one is `other`.
    func count(_ outcome: Outcome, type: String = "") {
        let label = Label(type: type.isEmpty ? "none" : WebhookTopic.label(type), outcome: outcome.rawValue)
        state.withLock { $0.events[label, default: 0] += 1 }
    }

    func count(_ error: MeterError, _ times: Int = 1) {
        guard times > 0 else { return }
        state.withLock { $0.meterErrors[error.rawValue, default: 0] += times }
    }

    /// Whether this daemon applies events.
    var isWorker: Bool {
        get { state.withLock { $0.isWorker } }
        set { state.withLock { $0.isWorker = newValue } }
    }

    var metrics: [Metric] {
        let state = state.withLock { $0 }
        let events = state.events.sorted { ($0.key.type, $0.key.outcome) < ($1.key.type, $1.key.outcome) }
        return [
            Metric(
                "tollgate_webhook_events_total", help: "Events of Stripe's that came, by what became of them.",
                kind: .counter,
                samples: events.map {
                    .init(Double($0.value), labels: [("type", $0.key.type), ("outcome", $0.key.outcome)])
                }),
            Metric(
                "tollgate_webhook_meter_errors_total",
                help: "Meter events that Stripe took and could not use, by what became of their hours.", kind: .counter,
                samples: state.meterErrors.sorted { $0.key < $1.key }.map {
                    .init(Double($0.value), labels: [("outcome", $0.key)])
                }),
            Metric(
                "tollgate_webhook_worker", help: "Whether this daemon is the one that applies events.", kind: .gauge,
                state.isWorker ? 1 : 0),
        ]
    }
}

extension WebhookCounts {
    /// What waits in Redis; `now` in Unix milliseconds.
    static func waiting(_ events: (pending: Int64, dead: Int64, oldest: Int64?), now: Int64) -> [Metric] {
        let age = events.oldest.map { Double(max(0, now - $0)) / 1000 } ?? 0
        return [
            Metric(
                "tollgate_webhook_pending", help: "Events of Stripe's that wait to be applied.", kind: .gauge,
                Double(events.pending)),
            Metric(
                "tollgate_webhook_oldest_seconds", help: "How long the oldest of them has waited; 0 for none.",
                kind: .gauge, age),
            Metric(
                "tollgate_webhook_dead", help: "Events that were given up and wait for an operator.", kind: .gauge,
                Double(events.dead)),
        ]
    }
}
