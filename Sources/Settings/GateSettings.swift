/// The gate (`gate.*`).
public struct GateSettings: Sendable, Equatable {
    /// The path of the Unix socket.
    public var socket: String
    /// The socket's permission bits, such as 0o660.
    public var mode: UInt16
    /// The name or number of the group that the socket is given to; nil leaves the process's own.
    public var group: String?
    /// The user ids that may connect, by the peer credentials of the socket; nil for whoever can open it.
    public var allowUIDs: [UInt32]?
    /// How many connections may be open at once.
    public var maxConnections: Int
    /// How long a connection may be silent before it is closed; nil for ever.
    public var idleTimeout: Duration?
    /// The largest request in bytes.
    public var maxRequestBytes: Int
    /// The most bytes of replies that wait for one connection to read them.
    public var maxOutputBytes: Int
    /// How long a call waits before it is kept for `SLOWLOG`; nil keeps none.
    public var slowLog: Duration?
    /// How many event loops serve the gate; 1 is the only value supported yet.
    public var loops: Int
}
