/// A JSON object sent to `/_sandbox/*`, read strictly: a misspelt key in a test must not pass silently.
struct ControlInput {
    let members: [String: JSONValue]

    init(_ json: JSONValue, allowing keys: Set<String>) throws(ControlError) {
        guard let members = json.object else { throw ControlError("expected a JSON object") }
        if let unknown = members.keys.sorted().first(where: { !keys.contains($0) }) {
            throw ControlError("unknown key '\(unknown)'; allowed are \(keys.sorted().joined(separator: ", "))")
        }
        self.members = members
    }

    /// Parses a request's body; an empty one is an empty object.
    static func parse(_ body: [UInt8]) throws(ControlError) -> JSONValue {
        if body.isEmpty { return .object([:]) }
        guard let value = JSONText.read(body) else { throw ControlError("the body is not JSON") }
        return value
    }

    func text(_ key: String) throws(ControlError) -> String {
        guard let text = try optionalText(key) else { throw ControlError("\(key) is missing") }
        return text
    }

    func optionalText(_ key: String) throws(ControlError) -> String? {
        guard let value = members[key], value != .null else { return nil }
        guard let text = value.text, !text.isEmpty else { throw ControlError("\(key) must be a text") }
        return text
    }

    func integer(_ key: String, in range: ClosedRange<Int>) throws(ControlError) -> Int? {
        guard let value = members[key] else { return nil }
        guard let number = value.integer, range.contains(number) else {
            throw ControlError("\(key) must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    func integer(_ key: String, default fallback: Int, in range: ClosedRange<Int>) throws(ControlError) -> Int {
        try integer(key, in: range) ?? fallback
    }

    /// An id of the caller's choice, in Stripe's form.
    func objectID(_ key: String, prefix: String) throws(ControlError) -> String {
        let id = try text(key)
        let suffix = id.dropFirst(prefix.count).unicodeScalars
        let isPlain = suffix.allSatisfy { $0 == "_" || ($0.isASCII && ($0.properties.isAlphabetic || "0"..."9" ~= $0)) }
        guard id.hasPrefix(prefix), (1...60).contains(suffix.count), isPlain else {
            throw ControlError("\(key) '\(id)' must be \(prefix) and 1 to 60 of A-Z a-z 0-9 _")
        }
        return id
    }

    /// The texts under `metadata`; none when it is missing.
    func metadata() throws(ControlError) -> [String: String] {
        guard let metadata = members["metadata"] else { return [:] }
        let texts = (metadata.object ?? [:]).compactMapValues(\.text)
        guard texts.count == metadata.object?.count, texts.count <= 50 else {
            throw ControlError("metadata must be an object of at most 50 texts")
        }
        return texts
    }

    /// One of a type's names; nil when it is missing.
    func choice<Choice: CaseIterable & RawRepresentable<String>>(
        _ key: String, _ type: Choice.Type
    ) throws(ControlError) -> Choice? {
        guard let name = try optionalText(key) else { return nil }
        guard let choice = Choice(rawValue: name) else {
            throw ControlError("\(key) must be one of \(type.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return choice
    }

    func boolean(_ key: String) throws(ControlError) -> Bool? {
        guard let value = members[key], value != .null else { return nil }
        guard case .boolean(let answer) = value else { throw ControlError("\(key) must be true or false") }
        return answer
    }

    /// The objects under a key; none when it is missing.
    func list(_ key: String) throws(ControlError) -> [JSONValue] {
        guard let value = members[key] else { return [] }
        guard let list = value.list else { throw ControlError("\(key) must be a list") }
        return list
    }
}
