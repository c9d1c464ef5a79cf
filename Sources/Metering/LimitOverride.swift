/// A tenant's own limit of a meter, in place of its plan's value: of how much, until when, and who said so.
public struct LimitOverride: Sendable, Equatable, ExpressibleByIntegerLiteral {
    /// 0 to ``Amount/largest``, or ``Amount/unlimited``.
    public var value: Int64
    /// The first second in which the plan's value counts again, in Unix seconds; nil for never.
    public var until: Int64?
    /// Who said so, in the words of the audit stream; nil where a release before those wrote it.
    public var by: String?
    /// Why, in words.
    public var reason: String?
    /// When it was said, in Unix seconds.
    public var setAt: Int64?

    /// Takes its parts as they are.
    public init(
        _ value: Int64, until: Int64? = nil, by: String? = nil, reason: String? = nil, setAt: Int64? = nil
    ) {
        self.value = value
        self.until = until
        self.by = by
        self.reason = reason
        self.setAt = setAt
    }

    /// A limit without an end that nobody is named for.
    public init(integerLiteral value: Int64) { self.init(value) }

    /// Whether it counts in this second.
    public func isInForce(at second: Int64) -> Bool { until.map { second < $0 } ?? true }
}
