/// How text for people is coloured, or that it is not.
struct TextStyle: Equatable, Sendable {
    /// What a piece of text tells by its look. The words say the same, since colour may be off.
    enum Tone: Sendable {
        case plain
        case strong
        case good
        case caution
        case bad
        case faint

        /// The terminal's parameter (ECMA-48 SGR); nil for text as it is.
        fileprivate var parameter: String? {
            switch self {
            case .plain: nil
            case .strong: "1"
            case .good: "32"
            case .caution: "33"
            case .bad: "31"
            case .faint: "2"
            }
        }
    }

    let isColored: Bool

    init(isColored: Bool) { self.isColored = isColored }

    /// Colour is for terminals that can show it, and not when `NO_COLOR` is set to anything (https://no-color.org).
    init(isTerminal: Bool, environment: [String: String]) {
        let forbidden = environment["NO_COLOR"].map { !$0.isEmpty } ?? false
        isColored = isTerminal && !forbidden && environment["TERM"] != "dumb"
    }

    func paint(_ text: String, _ tone: Tone) -> String {
        guard isColored, !text.isEmpty, let parameter = tone.parameter else { return text }
        return "\u{1B}[\(parameter)m\(text)\u{1B}[0m"
    }
}
