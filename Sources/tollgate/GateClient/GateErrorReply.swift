/// An error that the gate replied with: a stable first word, then what was wrong.
struct GateErrorReply: Equatable {
    let text: String

    init(_ text: String) { self.text = text }

    /// The first word.
    var code: Substring { text.prefix { $0 != " " } }

    /// What was typed is at fault, unless the word says that the daemon cannot serve it now, or not to this user.
    var failure: CommandFailure {
        let isUnavailable =
            ["STORE", "BUSY", "NOPERM"].contains(code) || text.hasPrefix("ERR max number of clients")
        return CommandFailure(text, isUnavailable ? .unreachable : .usage)
    }
}
