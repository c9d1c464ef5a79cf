internal import DequeModule
internal import Glibc
internal import Reactor

/// The newest calls that waited longer than `gate.slowlog`. Lives on the gate's loop.
struct SlowLog {
    struct Entry {
        let identifier: Int64
        /// Unix time, in seconds.
        let time: Int64
        /// How long the call waited, in microseconds.
        let duration: Int64
        let words: [String]
        let peer: PeerCredentials?
        let clientName: String
    }

    /// Entries that are kept.
    static let most = 128
    /// Entries made in one turn of the loop. When Redis stalls, thousands of calls end at once.
    private static let mostPerTurn = 32
    private static let mostWords = 32
    private static let longestWord = 128

    /// The newest first.
    private(set) var entries = Deque<Entry>()
    private var nextIdentifier: Int64 = 0
    private var turn: Int64 = 0
    private var addedThisTurn = 0

    /// Keeps a call that ends now, `turn` being the loop's instant. Of many in one turn only the first are kept; the
    /// numbers of the others are missing.
    mutating func add(_ call: SpendCall, duration: Int64, client: ClientConnection, turn: Int64) {
        if turn != self.turn { addedThisTurn = 0 }
        self.turn = turn
        nextIdentifier += 1
        guard addedThisTurn < Self.mostPerTurn else { return }
        addedThisTurn += 1
        if entries.count == Self.most { entries.removeLast() }
        entries.prepend(
            Entry(
                identifier: nextIdentifier - 1, time: Int64(time(nil)), duration: duration,
                words: Self.bounded(call.words), peer: client.peer,
                clientName: client.name))
    }

    mutating func removeAll() { entries.removeAll() }

    /// As Redis cuts them: what is left out is counted.
    static func bounded(_ words: [String]) -> [String] {
        let isLong = words.count > mostWords
        var bounded = words.prefix(isLong ? mostWords - 1 : mostWords).map { word in
            let rest = word.utf8.count - longestWord
            return rest > 0
                ? String(decoding: word.utf8.prefix(longestWord), as: UTF8.self) + "... (\(rest) more bytes)" : word
        }
        if isLong { bounded.append("... (\(words.count - mostWords + 1) more arguments)") }
        return bounded
    }
}
