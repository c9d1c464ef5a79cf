/// One mapping of the catalogue, whose keys are known. Each method gives a key's value, or nil if the key is not there
/// or, with the problem noted, if its value is not allowed.
struct MappingReader {
    /// The mapping's dotted name, empty for the document.
    let name: String
    let origin: SettingOrigin
    let problems: ProblemList

    private let entries: [String: YAMLValue]

    /// Nil, with the problem noted, if the value is not a mapping. Keys that are neither allowed nor named as coming
    /// later are noted.
    init?(
        _ value: YAMLValue, name: String, allowed: [String], unsupported: [String] = [], problems: ProblemList
    ) {
        guard let list = MappingReader.entries(of: value, name: name, problems: problems) else { return nil }
        self.name = name
        self.origin = value.origin
        self.problems = problems
        var entries: [String: YAMLValue] = [:]
        for entry in list {
            if allowed.contains(entry.key) {
                entries[entry.key] = entry.value
            } else if unsupported.contains(entry.key) {
                problems.add(entry.keyOrigin, "\(MappingReader.join(name, entry.key)) is not supported yet")
            } else {
                let place = name.isEmpty ? "" : " in \(name)"
                let hint = NearestName.hint(entry.key, in: allowed)
                problems.add(entry.keyOrigin, "unknown key \"\(entry.key.shortened)\"\(place): \(hint)")
            }
        }
        self.entries = entries
    }

    /// The entries of a mapping whose keys are free.
    static func entries(of value: YAMLValue, name: String, problems: ProblemList) -> [YAMLValue.Entry]? {
        if case .mapping(let entries) = value.content { return entries }
        problems.add(value.origin, "\(name.isEmpty ? "the file" : name) must be a mapping, not \(value.found)")
        return nil
    }

    static func join(_ name: String, _ key: String) -> String {
        name.isEmpty ? key : "\(name).\(key)"
    }

    /// The value of a key; a key without a value counts as not there.
    func value(_ key: String) -> YAMLValue? {
        guard let value = entries[key] else { return nil }
        if case .null = value.content { return nil }
        return value
    }

    /// The value of a key that must be there.
    func required(_ key: String) -> YAMLValue? {
        if let value = value(key) { return value }
        problems.add(origin, "\(MappingReader.join(name, key)) is missing")
        return nil
    }

    func note(_ key: String, _ problem: String) {
        problems.add(entries[key]?.origin ?? origin, "\(MappingReader.join(name, key)) \(problem)")
    }

    func text(_ key: String, allowed: String = "text", where isAllowed: (String) -> Bool = { !$0.isEmpty }) -> String? {
        parsed(key, allowed: allowed) { text, _ in isAllowed(text) ? text : nil }
    }

    func integer(_ key: String, in range: ClosedRange<Int64>) -> Int64? {
        parsed(key, allowed: "a whole number from \(range.lowerBound) to \(range.upperBound)") { text, isPlain in
            isPlain ? Int64(text).flatMap { range.contains($0) ? $0 : nil } : nil
        }
    }

    func flag(_ key: String) -> Bool? {
        parsed(key, allowed: "true or false") { text, isPlain in
            isPlain ? ["true": true, "false": false][text] : nil
        }
    }

    /// A word of an enumeration. `later` are words that are refused as not supported yet.
    func word<Word: RawRepresentable<String>>(_ key: String, allowed: [Word], later: [String] = []) -> Word? {
        if let value = value(key), case .scalar(let text, _) = value.content, later.contains(text) {
            problems.add(value.origin, "\(MappingReader.join(name, key)) \(text) is not supported yet")
            return nil
        }
        return parsed(key, allowed: MappingReader.oneOf(allowed.map(\.rawValue))) { text, _ in
            allowed.first { $0.rawValue == text }
        }
    }

    /// The items of a list of texts, each with its place.
    func texts(_ key: String) -> [(text: String, origin: SettingOrigin)] {
        list(key).compactMap { item in
            if case .scalar(let text, _) = item.content, !text.isEmpty { return (text, item.origin) }
            problems.add(
                item.origin, "\(MappingReader.join(name, key)) must be a list of texts, not of \(item.found)")
            return nil
        }
    }

    func list(_ key: String) -> [YAMLValue] {
        guard let value = value(key) else { return [] }
        if case .list(let items) = value.content { return items }
        problems.add(value.origin, "\(MappingReader.join(name, key)) must be a list, not \(value.found)")
        return []
    }

    func parsed<Value>(_ key: String, allowed: String, _ parse: (String, Bool) -> Value?) -> Value? {
        guard let value = value(key) else { return nil }
        if case .scalar(let text, let isPlain) = value.content, let parsed = parse(text, isPlain) { return parsed }
        problems.add(
            value.origin, "\(MappingReader.join(name, key)) must be \(allowed), not \(value.found)")
        return nil
    }

    static func oneOf(_ words: [String]) -> String {
        words.count == 1 ? words[0] : "one of \(words.joined(separator: ", "))"
    }
}
