/// Why the control API cannot be served.
public struct ControlServerError: Error, Sendable, CustomStringConvertible {
    /// Text an operator can act on.
    public let description: String
}
