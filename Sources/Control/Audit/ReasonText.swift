/// Why somebody changes something, as it is kept and shown to others.
enum ReasonText {
    /// In bytes of UTF-8.
    static let longest = 500

    /// The reason in a body; nil when it says none.
    static func read(_ value: JSONValue?) throws(Problem) -> String? {
        switch value {
        case nil, .null: return nil
        case .string(let text): return try check(text)
        default: throw .badRequest("reason: must be a text", code: "bad_field")
        }
    }

    /// The reason in a body that has to say one.
    static func require(_ value: JSONValue?) throws(Problem) -> String {
        guard let reason = try read(value) else {
            throw .badRequest("reason: is required: it is kept with who did it and when", code: "bad_field")
        }
        return reason
    }

    /// A text that can be a reason: it is stored, and shown on terminals.
    static func check(_ text: String) throws(Problem) -> String {
        let isPrintable = !text.unicodeScalars.contains { $0.properties.generalCategory == .control }
        guard (1...longest).contains(text.utf8.count), isPrintable, text.contains(where: { !$0.isWhitespace }) else {
            throw .badRequest(
                "reason: must be 1 to \(longest) bytes of text, without control characters", code: "bad_field")
        }
        return text
    }
}
