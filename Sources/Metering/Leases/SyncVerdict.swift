/// What Redis says to the call that waits at a holder.
public enum SyncVerdict: UInt8, Sendable {
    /// Nobody waited.
    case none = 0
    /// The need was granted, whole.
    case granted = 1
    /// It may fit once others have given back, or once earlier calls had their turn → ask again until the deadline.
    case waiting = 2
    /// It does not fit, whatever anybody gives back.
    case refused = 3
    /// Nothing could be decided: Redis is learning, the belief or the version is another, or the message was late.
    case undecided = 4
}
