internal import Metering
internal import RESP

/// A decision as a client reads it, but for the name of its meter.
struct Decision {
    var reason: DecisionReason
    var isAllowed: Bool
    var used: Int64 = 0
    var limit: Int64 = 0
    /// Milliseconds until the same call can first succeed; 0 for one that is allowed.
    var retryAfter: Int64 = 0

    init(_ reason: DecisionReason, isAllowed: Bool, used: Int64 = 0, limit: Int64 = 0, retryAfter: Int64 = 0) {
        self.reason = reason
        self.isAllowed = isAllowed
        self.used = used
        self.limit = limit
        self.retryAfter = retryAfter
    }

    /// What the outcome of one meter, which is the deciding one of a call's, comes to.
    init(_ outcome: MeterOutcome, of outcomes: borrowing [MeterOutcome]) {
        reason = outcome.verdict.reason
        isAllowed = reason.refusalPriority == nil
        used = outcome.used
        limit = outcome.limit
        retryAfter = isAllowed ? 0 : MeterOutcome.retryAfter(outcomes)
    }
}

extension OutputBuffer {
    /// Appends a decision about the meter whose name is given, encoded.
    /// - Parameter reservation: the id of the reservation that it made.
    mutating func append(
        _ decision: Decision, of name: OutputBuffer, _ version: RESPVersion, reservation: [UInt8]? = nil
    ) {
        let named = version == .three
        if named { appendMapHeader(7, version) } else { appendArrayHeader(7) }
        if named { append(bulk: "allowed") }
        append(integer: decision.isAllowed ? 1 : 0)
        if named { append(bulk: "reason") }
        append(bulkUTF8: decision.reason.rawValue)
        if named { append(bulk: "meter") }
        append(chunk: name)
        if named { append(bulk: "used") }
        append(integer: decision.used)
        if named { append(bulk: "limit") }
        append(integer: decision.limit)
        if named { append(bulk: "retry_after_ms") }
        append(integer: decision.retryAfter)
        if named { append(bulk: "reservation") }
        if let reservation { append(bulk: reservation.span) } else { append(bulk: "") }
    }

    /// Appends what was counted, one row a meter: name, counted by this call, used in all, and how much of that is past
    /// the limit.
    mutating func append(
        countsOf items: borrowing [SpendCall.Item], _ outcomes: borrowing [MeterOutcome], _ rules: GateRules
    ) {
        appendArrayHeader(items.count)
        for index in items.indices {
            let (item, outcome) = (items[index], outcomes[index])
            appendArrayHeader(4)
            append(chunk: rules.replyNames[item.meter])
            append(integer: item.amount)
            append(integer: outcome.used)
            append(integer: outcome.limit < 0 ? 0 : max(0, outcome.used - outcome.limit))
        }
    }
}
