internal import Metering

/// The arguments of a call, checked: what it asks, apart from who asks.
struct SpendRequest {
    var items: [SpendCall.Item] = []
    /// A summary of all that the plan has: no meter was named.
    var isOfPlan = false
    var feature = ""
    var instant: Int64?
    var idempotency: (key: String, meaning: String)?
}

/// Why arguments were refused: the whole text of the error reply, its first word included.
struct ArgumentError: Error {
    let text: String

    static func bad(_ argument: String, _ problem: String) -> ArgumentError {
        ArgumentError(text: "BADARG \(argument): \(problem)")
    }
}
