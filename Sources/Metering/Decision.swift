/// The answer to a call: the seven fields that the gate writes, in their order.
public struct Decision: Sendable, Equatable {
    /// True if the call may go on.
    public var allowed: Bool
    /// Why.
    public var reason: DecisionReason
    /// The name of the meter that decided: the one that refused (the first named, if several), else the one with the
    /// smallest share of its limit left. The feature's name in answer to `FEATURE`.
    public var meter: String
    /// Usage of that meter, this call included if it is allowed. For a rate: the burst less the cells free now.
    public var used: Int64
    /// The limit of that meter, -1 for unlimited.
    public var limit: Int64
    /// 0 if allowed; else the milliseconds until the same call can first succeed; -1 if only a change of plan helps.
    public var retryAfterMilliseconds: Int64
    /// The id of the reservation that the call made, or an empty string.
    public var reservation: String

    /// How ``retryAfterMilliseconds`` says that waiting does not help.
    public static let neverRetry: Int64 = -1

    /// Takes its parts as they are.
    public init(
        allowed: Bool, reason: DecisionReason, meter: String, used: Int64 = 0, limit: Int64 = 0,
        retryAfterMilliseconds: Int64 = 0, reservation: String = ""
    ) {
        self.allowed = allowed
        self.reason = reason
        self.meter = meter
        self.used = used
        self.limit = limit
        self.retryAfterMilliseconds = retryAfterMilliseconds
        self.reservation = reservation
    }

    /// A refusal that waiting does not cure, and that is known without looking at any usage.
    public static func refused(
        _ reason: DecisionReason, meter: String, used: Int64 = 0, limit: Int64 = 0
    ) -> Decision {
        Decision(
            allowed: false, reason: reason, meter: meter, used: used, limit: limit,
            retryAfterMilliseconds: neverRetry)
    }
}
