/// Which connections a `CLIENT LIST` or a `CLIENT KILL` means: those that match all that is named.
struct ClientFilter: Equatable {
    var identifiers: Set<Int64>?
    var userID: UInt32?
    /// Whether it means clients of a kind that does not exist here, such as replicas.
    var isOfOtherType = false
    /// Whether the connection that asks is left out.
    var skipsCaller = true

    /// Whether it names connections or their user, so that one who may not reach them is told so.
    var isExplicit: Bool { identifiers != nil || userID != nil }

    func matches(identifier: Int64, userID: UInt32?) -> Bool {
        guard !isOfOtherType else { return false }
        if let identifiers, !identifiers.contains(identifier) { return false }
        return self.userID == nil || self.userID == userID
    }

    /// All connections but the one that asks.
    init() {}

    /// The arguments of `CLIENT LIST [TYPE type] [UID user] [ID client ...]`.
    init(listing words: ArraySlice<String>) throws(ArgumentError) {
        skipsCaller = false
        var rest = words
        while let option = rest.popFirst()?.uppercased() {
            guard let value = rest.first else { throw .syntax }
            switch option {
            case "TYPE": try readType(value)
            case "UID": try readUserID(value)
            case "ID":
                var named: Set<Int64> = []
                for word in rest {
                    guard let identifier = Int64(word) else { throw ArgumentError(text: "ERR Invalid client ID") }
                    named.insert(identifier)
                }
                identifiers = named
                return
            default: throw .syntax
            }
            rest.removeFirst()
        }
    }

    /// The arguments of `CLIENT KILL filter value [filter value ...]`.
    init(killing words: ArraySlice<String>) throws(ArgumentError) {
        var rest = words
        var seen: Set<String> = []
        while let option = rest.popFirst()?.uppercased() {
            if Self.isAddress(option) { throw .noAddress }
            guard let value = rest.popFirst() else { throw .syntax }
            guard seen.insert(option).inserted else { throw ArgumentError(text: "ERR \(option) is given twice") }
            switch option {
            case "ID":
                guard let identifier = Int64(value), identifier > 0 else {
                    throw ArgumentError(text: "ERR client-id should be greater than 0")
                }
                identifiers = [identifier]
            case "UID": try readUserID(value)
            case "TYPE": try readType(value)
            case "SKIPME":
                guard let answer = ["YES": true, "NO": false][value.uppercased()] else {
                    throw ArgumentError(text: "ERR SKIPME must be yes or no")
                }
                skipsCaller = answer
            default:
                throw ArgumentError(text: "ERR '\(option.prefix(128))' is no filter here: use ID, UID, TYPE or SKIPME")
            }
        }
    }

    private static func isAddress(_ option: String) -> Bool { option == "ADDR" || option == "LADDR" }

    private mutating func readUserID(_ text: String) throws(ArgumentError) {
        guard let number = UInt32(text) else {
            throw ArgumentError(text: "ERR UID must be a user's number, 0 to \(UInt32.max)")
        }
        userID = number
    }

    private mutating func readType(_ text: String) throws(ArgumentError) {
        switch text.uppercased() {
        case "NORMAL": break
        case "MASTER", "REPLICA", "SLAVE", "PUBSUB": isOfOtherType = true
        default: throw ArgumentError(text: "ERR Unknown client type '\(text.prefix(128))'")
        }
    }
}

extension ArgumentError {
    static let syntax = ArgumentError(text: "ERR syntax error")
    static let noAddress = ArgumentError(
        text: "ERR clients of a Unix socket have no address: use CLIENT KILL ID <id> or UID <user>")
}
