internal import Metering

/// The arguments of a call, checked: what it asks, apart from who asks.
struct SpendRequest {
    var items: [SpendCall.Item] = []
    /// A summary of all that the plan has: no meter was named. It leaves out what the plan does not name.
    var isOfPlan = false
    /// The name to answer a `FEATURE` with.
    var feature = ""
    /// The instant usage is booked at, in unix seconds; nil for now.
    var instant: Int64?
    /// The idempotency key, and what it stands for: the command and its arguments.
    var idempotency: (key: String, meaning: String)?

    /// How long a reservation lasts unless it is renewed, in microseconds.
    var timeToLive: Int64 = 0
    /// What is to become of a reservation; only of the commands that settle one.
    var settlement = Settlement()

    /// How long an answer to its key is kept at least, in milliseconds: a late commit may be repeated for as long as
    /// its reservation is remembered, which a restart begins anew.
    var leastMemory: Int64 = 0

    /// Empties it, and keeps its memory.
    mutating func reset() {
        items.removeAll(keepingCapacity: true)
        isOfPlan = false
        feature = ""
        instant = nil
        idempotency = nil
        settlement.reset()
        leastMemory = 0
    }
}

/// Why arguments were refused: the whole text of the error reply, its first word included.
struct ArgumentError: Error {
    let text: String

    static func bad(_ argument: String, _ problem: String) -> ArgumentError {
        ArgumentError(text: "BADARG \(argument): \(problem)")
    }

    static func tooMuch(_ meter: String) -> ArgumentError {
        .bad(meter, "the total would pass \(Amount.largest)")
    }
}
