/// That every call of a tenant is refused: why, until when, and who said so.
public struct Restriction: Sendable, Equatable {
    /// Why, in an operator's or dunning's words.
    public var reason: String
    /// The first second in which limits decide again, in Unix seconds; nil for never.
    public var until: Int64?
    /// Who said so, in the words of the audit stream; nil where a release before those wrote it.
    public var by: String?
    /// When it was said, in Unix seconds.
    public var setAt: Int64?

    /// Takes its parts as they are.
    public init(_ reason: String, until: Int64? = nil, by: String? = nil, setAt: Int64? = nil) {
        self.reason = reason
        self.until = until
        self.by = by
        self.setAt = setAt
    }

    /// Whether it counts in this second.
    public func isInForce(at second: Int64) -> Bool { until.map { second < $0 } ?? true }
}
