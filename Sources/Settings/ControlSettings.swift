/// The control API (`control.*`).
public struct ControlSettings: Sendable, Equatable {
    /// The path of the Unix socket.
    public var socket: String
    /// The TCP address, if it is served on one too. There is a token then.
    public var listen: ListenAddress?
    /// The bearer token for TCP (`TOLLGATE_CONTROL_TOKEN`).
    public var token: Secret?
}
