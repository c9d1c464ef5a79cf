/// A command's name, compared as one number: no String is made of a client's bytes.
struct CommandName: Hashable {
    /// Up to eight letters in upper case, the first in the highest byte.
    let packed: UInt64

    /// Nil for what cannot be a command of ours: empty, more than eight bytes, or with a zero byte, which would count
    /// for nothing at the front.
    init?(_ bytes: Span<UInt8>) {
        guard (1...8).contains(bytes.count) else { return nil }
        var packed: UInt64 = 0
        for index in bytes.indices {
            let byte = bytes[index]
            guard byte != 0 else { return nil }
            let isLower = byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z")
            packed = packed << 8 | UInt64(isLower ? byte & 0xdf : byte)
        }
        self.packed = packed
    }

    private init(_ text: String) { packed = text.utf8.reduce(0) { $0 << 8 | UInt64($1) } }

    static let check = CommandName("CHECK")
    static let take = CommandName("TAKE")
    static let record = CommandName("RECORD")
    static let level = CommandName("LEVEL")
    static let feature = CommandName("FEATURE")
    static let usage = CommandName("USAGE")
    static let explain = CommandName("EXPLAIN")
    static let reserve = CommandName("RESERVE")
    static let commit = CommandName("COMMIT")
    static let release = CommandName("RELEASE")
    static let extend = CommandName("EXTEND")
    static let refund = CommandName("REFUND")

    static let ping = CommandName("PING")
    static let echo = CommandName("ECHO")
    static let hello = CommandName("HELLO")
    static let auth = CommandName("AUTH")
    static let select = CommandName("SELECT")
    static let client = CommandName("CLIENT")
    static let command = CommandName("COMMAND")
    static let info = CommandName("INFO")
    static let config = CommandName("CONFIG")
    static let help = CommandName("HELP")
    static let slowlog = CommandName("SLOWLOG")
    static let quit = CommandName("QUIT")
    static let reset = CommandName("RESET")
    static let set = CommandName("SET")

    /// Those of the connection and the gate, but for `PING` and `ECHO`.
    static let session: Set = [
        hello, auth, select, client, command, info, config, help, slowlog, quit, reset,
    ]

    static let transactions: Set = [CommandName("MULTI"), CommandName("EXEC"), CommandName("WATCH")]
}
