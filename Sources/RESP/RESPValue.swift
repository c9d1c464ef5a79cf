/// A reply as a client sees it, in either version of the protocol. For the command line and tests; the gate writes
/// replies without it.
public enum RESPValue: Hashable, Sendable {
    /// A short text in one line: `+OK`.
    case simple(String)
    /// An error, its first word included.
    case error(String)
    /// A 64-bit integer.
    case integer(Int64)
    /// Any bytes.
    case bulk([UInt8])
    /// Null, in any of its three spellings.
    case null
    /// An array.
    case array([RESPValue])
    /// A map's pairs in the order in which they came (RESP3).
    case map([Pair])
    /// A boolean (RESP3).
    case boolean(Bool)
    /// A floating-point number (RESP3).
    case double(Double)
    /// A set's elements in the order in which they came (RESP3).
    case set([RESPValue])
    /// A message that answers no command (RESP3).
    case push([RESPValue])
    /// Text with a format of three letters, such as `txt` (RESP3).
    case verbatim(format: String, text: String)
    /// The digits of an integer of any size (RESP3).
    case bigNumber(String)

    /// One entry of a map.
    public struct Pair: Hashable, Sendable {
        /// The key.
        public let key: RESPValue
        /// What it stands for.
        public let value: RESPValue

        /// A pair of the two.
        public init(key: RESPValue, value: RESPValue) {
            self.key = key
            self.value = value
        }
    }
}
