/// Commands to a server, in the array form. The header is followed by as many arguments as it says.
extension OutputBuffer {
    /// The header of a command: `*3\r\n`. `argumentCount` counts the command's name and is at least 1.
    public mutating func appendCommand(argumentCount: Int) { appendArrayHeader(argumentCount) }

    /// An argument of any bytes.
    public mutating func appendArgument(_ bytes: Span<UInt8>) { append(bulk: bytes) }

    /// An argument of text in UTF-8. A literal costs no allocation.
    public mutating func appendArgument(_ text: String) { appendBulk(text.utf8) }

    /// An argument of a number's digits.
    public mutating func appendArgument(integer value: Int64) { appendBulkDigits(value) }
}
