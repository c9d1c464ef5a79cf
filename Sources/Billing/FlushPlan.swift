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
    /// Hours that must not be sent now. Those left out only by `limit` are not among them: they go next time.
    public let held: [Held]

    /// Plans a flush.
    ///
    /// - Parameters:
    ///   - owed: what is owed, in any order, each hour once.
    ///   - limit: the most hours to send, at least 0. When it bites, each tenant gets its next oldest hour in turn.
    ///   - hold: why an hour may not be sent now, nil when it may.
    public static func make(owed: [OwedHour], limit: Int, hold: (OwedHour) -> OwedState?) -> FlushPlan {
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
        let shares = shares(of: tenants.map { queues[$0]?.count ?? 0 }, limit: limit)
        let lanes = zip(tenants, shares).map { Array((queues[$0] ?? []).prefix($1)) }
        return FlushPlan(lanes: lanes.filter { !$0.isEmpty }, held: held)
    }

    /// Deals out `limit` places one at a time, round after round, to queues of these lengths.
    private static func shares(of lengths: [Int], limit: Int) -> [Int] {
        var shares = lengths.map { _ in 0 }
        var left = limit
        var isDealing = true
        while left > 0 && isDealing {
            isDealing = false
            for index in lengths.indices where left > 0 && shares[index] < lengths[index] {
                shares[index] += 1
                left -= 1
                isDealing = true
            }
        }
        return shares
    }
}
