/// A decoded form: texts, nested by the brackets in their names. A list is a map whose keys are its indexes.
enum FormValue: Sendable, Equatable {
    case text(String)
    case map([String: FormValue])

    /// Names as sent, e.g. `payload[value]`, with their texts, sorted by name. Two requests with the same parameters
    /// have the same pairs.
    func pairs(under name: String = "") -> [(name: String, text: String)] {
        switch self {
        case .text(let text):
            return [(name, text)]
        case .map(let members):
            return members.sorted { $0.key < $1.key }.flatMap { key, value in
                value.pairs(under: name.isEmpty ? key : "\(name)[\(key)]")
            }
        }
    }
}
