/// Turns raw values into typed ones. Each method gives the key's value, or the default if the key is not set or, with
/// the problem noted, if it is not allowed.
struct SettingReader {
    let raw: RawSettings
    let problems: ProblemList

    func text(
        _ key: SettingKey, default standard: String, allowed: String, where isAllowed: (String) -> Bool
    ) -> String {
        optionalText(key, allowed: allowed, where: isAllowed) ?? standard
    }

    func optionalText(_ key: SettingKey, allowed: String, where isAllowed: (String) -> Bool) -> String? {
        parsed(key, allowed: allowed) { isAllowed($0) ? $0 : nil }
    }

    func integer(_ key: SettingKey, default standard: Int, in range: ClosedRange<Int>) -> Int {
        parsed(key, allowed: "a whole number from \(range.lowerBound) to \(range.upperBound)", unquoted: true) {
            text in Int(text).flatMap { range.contains($0) ? $0 : nil }
        } ?? standard
    }

    func duration(_ key: SettingKey, default standard: Duration, in range: ClosedRange<Duration>) -> Duration {
        parsed(key, allowed: SettingReader.describe(range)) { text in
            DurationText.parse(text).flatMap { range.contains($0) ? $0 : nil }
        } ?? standard
    }

    /// A duration, or `off`, which is nil.
    func durationOrOff(
        _ key: SettingKey, default standard: Duration? = nil, in range: ClosedRange<Duration>
    ) -> Duration? {
        let outcome: Duration?? = parsed(key, allowed: "off, or " + SettingReader.describe(range)) { text in
            if text == "off" { return .some(nil) }
            return DurationText.parse(text).flatMap { range.contains($0) ? .some($0) : nil }
        }
        return outcome ?? standard
    }

    func size(_ key: SettingKey, default standard: Int64, in range: ClosedRange<Int64>) -> Int {
        let bounds = "\(SizeText.format(range.lowerBound)) to \(SizeText.format(range.upperBound))"
        return Int(
            parsed(key, allowed: "a size from \(bounds) (64KiB, 10MB)") { text in
                SizeText.parse(text).flatMap { range.contains($0) ? $0 : nil }
            } ?? standard)
    }

    func word<Word: RawRepresentable<String> & CaseIterable>(_ key: SettingKey, default standard: Word) -> Word {
        let words = Word.allCases.map(\.rawValue).joined(separator: ", ")
        return parsed(key, allowed: "one of \(words)") { Word(rawValue: $0) } ?? standard
    }

    /// Parses a scalar. `unquoted` refuses a text in quotes, where a number must stand.
    func parsed<Value>(
        _ key: SettingKey, allowed: String, unquoted: Bool = false, showsValue: Bool = true,
        _ parse: (String) -> Value?
    ) -> Value? {
        guard let yaml = raw.values[key]?.yaml else { return nil }
        if case .scalar(let text, let isPlain) = yaml.content, isPlain || !unquoted, let value = parse(text) {
            return value
        }
        let not = showsValue ? ", not \(yaml.found)" : ""
        problems.add(yaml.origin, "\(key.rawValue) must be \(allowed)\(not)")
        return nil
    }

    /// A list of user ids; in the environment they are separated by commas.
    func userIDs(_ key: SettingKey) -> [UInt32]? {
        guard let value = raw.values[key] else { return nil }
        let allowed = "a list of user ids (0 to \(UInt32.max))"
        switch value.yaml.content {
        case .list(let items):
            return items.compactMap { item -> UInt32? in
                if case .scalar(let text, isPlain: true) = item.content, let id = UInt32(text) { return id }
                problems.add(item.origin, "\(key.rawValue) must be \(allowed), not \(item.found)")
                return nil
            }
        case .scalar(let text, _) where value.isFromEnvironment:
            let parts = text.split(separator: ",", omittingEmptySubsequences: false)
            let ids = parts.compactMap { UInt32($0.trimmingSpaces) }
            if ids.count == parts.count { return ids }
            problems.add(value.yaml.origin, "\(key.rawValue) must be \(allowed), not \(value.yaml.found)")
        case .scalar, .mapping, .null:
            problems.add(value.yaml.origin, "\(key.rawValue) must be \(allowed), not \(value.yaml.found)")
        }
        return nil
    }

    private static func describe(_ range: ClosedRange<Duration>) -> String {
        "a duration from \(DurationText.format(range.lowerBound)) to \(DurationText.format(range.upperBound))"
            + " (250ms, 60s, 15m, 48h, 7d)"
    }
}

extension Substring {
    /// Without blanks at either end.
    fileprivate var trimmingSpaces: Substring {
        var text = self
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return text
    }
}
