/// Something that a test needs did not happen. The text says what, and what can be done.
public struct TestFailure: Error, CustomStringConvertible {
    /// What went wrong.
    public let description: String

    /// A failure with this text.
    public init(_ description: String) { self.description = description }
}
