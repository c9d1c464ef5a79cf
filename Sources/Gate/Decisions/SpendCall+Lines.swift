internal import Metering

/// A call that waits at leases.
extension SpendCall {
    /// Whether a limit cannot refuse its meter of this place, so that it only waits for news.
    func isAlwaysCounted(_ index: Int) -> Bool { command == .record || !leases[index].terms.needsLease }

    /// Whether it waits for units of this lease.
    func needsUnits(of held: HeldLease) -> Bool {
        leases.indices.contains { leases[$0] === held && !isAlwaysCounted($0) }
    }

    /// Until when it waits for others to give back.
    func recallDeadline(_ settings: LeaseSettings) -> Int64 {
        max(deadline, deadline - rules.configuration.deadline + settings.recallDeadline)
    }

    /// Leaves all lines it stands in.
    func leaveLines() {
        guard token != 0 else { return }
        for held in leases {
            held.line.remove(token: token)
            held.lineChanged()
            held.waiting[token] = nil
        }
        // Who has left may still be asked which leases they were.
        leftLines()
    }

    /// Nobody waits for the answer any more, so nothing is counted.
    func abandon() { finish(.failed("ERR the client is gone")) }
}
