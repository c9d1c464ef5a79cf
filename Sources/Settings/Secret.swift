/// A text that must not be shown: every way of printing it gives `***`. Read it with ``reveal()`` where it is sent.
public struct Secret: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private let value: String

    /// Hides a text.
    public init(_ value: String) {
        self.value = value
    }

    /// The text itself, to be sent and never to be logged.
    public func reveal() -> String { value }

    /// Always `***`.
    public var description: String { "***" }
    /// Always `***`.
    public var debugDescription: String { "***" }
    /// Without children, so that `dump` and logs of an enclosing value show nothing.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
