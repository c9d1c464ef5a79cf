/// The header fields of an answer, in the order they came. Names compare without regard to case (RFC 9110 §5.1).
public struct HTTPHeaders: Sendable {
    /// Every field, repeated ones included.
    public private(set) var fields: [(name: String, value: String)] = []

    /// The value of the first field of that name, without the white space around it.
    public subscript(name: String) -> String? {
        let wanted = name.lowercased()
        return fields.first { $0.name.lowercased() == wanted }?.value
    }

    /// Takes one `Name: value` line. A line without a colon is no field and is left out.
    mutating func append(line: String) {
        guard let colon = line.firstIndex(of: ":") else { return }
        let value = line[line.index(after: colon)...].drop { $0.isWhitespace }
        let end = value.lastIndex { !$0.isWhitespace }.map { value.index(after: $0) } ?? value.startIndex
        fields.append((String(line[..<colon]), String(value[..<end])))
    }

    mutating func removeAll() {
        fields.removeAll(keepingCapacity: true)
    }
}
