/// The value of each key as it stands in the file or, before that, in the environment.
struct RawSettings {
    /// A key's value: from the environment it is one text, which lists split at commas.
    struct Value {
        let yaml: YAMLValue
        let isFromEnvironment: Bool
    }

    private(set) var values: [SettingKey: Value] = [:]
    private let problems: ProblemList

    /// Takes what the document and the environment say; unknown and unsupported keys are noted as problems. An empty
    /// variable counts as unset, and variables that are no key's are somebody else's.
    init(document: YAMLValue?, environment: [String: String], problems: ProblemList) {
        self.problems = problems
        if let document {
            readTop(document)
        }
        for key in SettingKey.allCases {
            guard let text = environment[key.variable], !text.isEmpty else { continue }
            let yaml = YAMLValue(
                origin: .environment(variable: key.variable), content: .scalar(text, isPlain: true))
            values[key] = Value(yaml: yaml, isFromEnvironment: true)
        }
        for key in SettingKey.unsupported.sorted() {
            let variable = SettingKey.variable(key)
            guard let text = environment[variable], !text.isEmpty else { continue }
            problems.add(.environment(variable: variable), "\(key) is not supported yet")
        }
    }

    private mutating func readTop(_ document: YAMLValue) {
        guard case .mapping(let entries) = document.content else {
            if case .null = document.content { return }
            problems.add(document.origin, "must be a mapping of settings, not \(document.found)")
            return
        }
        for entry in entries {
            if RawSettings.sections.contains(entry.key) {
                readSection(entry)
            } else {
                readKey(entry.key, entry, among: RawSettings.topLevel)
            }
        }
    }

    private mutating func readSection(_ section: YAMLValue.Entry) {
        switch section.value.content {
        case .mapping(let entries):
            let prefix = section.key + "."
            let allowed = RawSettings.known.filter { $0.hasPrefix(prefix) }
            for entry in entries {
                readKey(prefix + entry.key, entry, among: allowed)
            }
        case .null: break
        case .scalar, .list:
            problems.add(section.value.origin, "\(section.key): must be a mapping, not \(section.value.found)")
        }
    }

    private mutating func readKey(_ name: String, _ entry: YAMLValue.Entry, among allowed: [String]) {
        if let key = SettingKey(rawValue: name) {
            // A key without a value is a key left at its default.
            if case .null = entry.value.content { return }
            values[key] = Value(yaml: entry.value, isFromEnvironment: false)
        } else if SettingKey.unsupported.contains(name) {
            problems.add(entry.keyOrigin, "\(name) is not supported yet")
        } else {
            problems.add(entry.keyOrigin, "unknown key \"\(name.shortened)\": \(NearestName.hint(name, in: allowed))")
        }
    }

    private static let known = SettingKey.allCases.map(\.rawValue)
    private static let sections = Set(
        (known + SettingKey.unsupported).filter { $0.contains(".") }.map { String($0.prefix { $0 != "." }) })
    private static let topLevel = known.filter { !$0.contains(".") } + sections.sorted()
}
