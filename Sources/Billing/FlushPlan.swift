/// What one flush sends, and what it leaves and why. A lane is one tenant's hours, oldest first: lanes may go side by
/// side, a lane's hours one after the other, because Stripe takes one event at a time for a customer and a meter
/// (docs.stripe.com/rate-limits). So a tenant whose sends are slow or fail holds up nobody else.
public struct FlushPlan: Sendable, Equatable {
    /// An hour that is not sent now.
    public struct Held: Sendable, Equatable {
        /// The hour.
        public let hour: OwedHour
        /// Why.
        public let state: OwedState

        /// Takes its parts as they are.
        public init(hour: OwedHour, state: OwedState) {
            self.hour = hour
            self.state = state
        }
    }

    /// No two lanes have the same tenant. The lane with the oldest hour comes first; none is empty.
    public let lanes: [[OwedHour]]
    /// Hours that must not be sent now.
    public let held: [Held]

    /// Plans a flush.
    ///
    /// - Parameters:
    ///   - owed: what is owed, in any order, each hour once.
    ///   - hold: why an hour may not be sent now, nil when it may.
    public static func make(owed: [OwedHour], hold: (OwedHour) -> OwedState?) -> FlushPlan {
        var held: [Held] = []
        var queues: [String: [OwedHour]] = [:]
        var tenants: [String] = []
        for hour in owed.sorted(by: { $0.key < $1.key }) {
            if let state = hold(hour) {
                held.append(Held(hour: hour, state: state))
                continue
            }
            if queues[hour.tenant] == nil { tenants.append(hour.tenant) }
            queues[hour.tenant, default: []].append(hour)
        }
        return FlushPlan(lanes: tenants.compactMap { queues[$0] }, held: held)
    }
}
