/// A call that does not fit its lease and waits for its turn.
public struct WaitingCall: Sendable, Equatable {
    /// The caller's name for it.
    public let token: Int
    /// What it takes.
    public let amount: Int64
    /// When it began to wait, on the holder's boot clock.
    public let since: Int64
    /// Until when it waits.
    public let deadline: Int64

    /// A waiting call.
    public init(token: Int, amount: Int64, since: Int64, deadline: Int64) {
        self.token = token
        self.amount = amount
        self.since = since
        self.deadline = deadline
    }
}
