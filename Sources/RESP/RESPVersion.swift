/// The version of the protocol that a connection speaks: 2 until it says `HELLO 3`.
public enum RESPVersion: Sendable {
    /// RESP2: no maps, no booleans, null is a bulk string of length -1.
    case two
    /// RESP3.
    case three
}
