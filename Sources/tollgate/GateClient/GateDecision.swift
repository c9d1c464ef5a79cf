import RESP

/// The gate's answer to `CHECK` and `TAKE`. The reason is text, so that one of a newer daemon is shown as it is.
struct GateDecision: Equatable, Sendable {
    let isAllowed: Bool
    let reason: String
    /// The meter that decided.
    let meter: String
    let used: Int64
    /// -1 for unlimited.
    let limit: Int64
    /// 0 if allowed; -1 if waiting does not help.
    let retryAfterMilliseconds: Int64
    /// The id of the reservation, or an empty string.
    let reservation: String

    /// Reads the array of seven of RESP2 or the map of RESP3.
    init(_ reply: RESPValue) throws(CommandFailure) {
        let fields = GateReply.fields(reply, names: GateDecision.names)
        guard let allowed = fields["allowed"]?.integer, let reason = fields["reason"]?.text,
            let meter = fields["meter"]?.text, let used = fields["used"]?.integer,
            let limit = fields["limit"]?.integer, let retry = fields["retry_after_ms"]?.integer
        else { throw GateReply.unexpected("a decision", reply) }
        isAllowed = allowed != 0
        self.reason = reason
        self.meter = meter
        self.used = used
        self.limit = limit
        retryAfterMilliseconds = retry
        reservation = fields["reservation"]?.text ?? ""
    }

    /// The fields' names, in the order of RESP2.
    private static let names = ["allowed", "reason", "meter", "used", "limit", "retry_after_ms", "reservation"]

    /// For programs: the names of the RESP3 map, `allowed` as a boolean.
    var document: JSONValue {
        .object([
            "allowed": .boolean(isAllowed), "reason": .text(reason), "meter": .text(meter), "used": .integer(used),
            "limit": .integer(limit), "retry_after_ms": .integer(retryAfterMilliseconds),
            "reservation": .text(reservation),
        ])
    }

    /// For people, in one line.
    func text(_ style: TextStyle) -> String {
        let verdict =
            isAllowed ? style.paint("allowed", reason == "ok" ? .good : .caution) : style.paint("refused", .bad)
        let why = reason == "ok" ? "" : " (\(reason.printableLine))"
        let share = limit < 0 ? "\(used) used, unlimited" : "\(used) of \(limit) used"
        return "\(verdict)\(why): \(meter.printableLine) \(share)\(retryText)\n"
    }

    private var retryText: String {
        if isAllowed { return "" }
        if retryAfterMilliseconds < 0 { return "; waiting does not help" }
        return "; can succeed in \(WaitText.format(milliseconds: retryAfterMilliseconds))"
    }
}
