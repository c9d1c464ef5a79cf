/// An argument of a command, as `COMMAND DOCS` describes it.
struct CommandArgument: Sendable, Equatable {
    /// What stands there, by Redis's names.
    enum Kind: String, Sendable {
        case string, integer
        case unixTime = "unix-time"
        /// The token alone.
        case pureToken = "pure-token"
        /// One of `arguments`.
        case oneOf = "oneof"
        /// All of `arguments`, in their order.
        case block
    }

    let name: String
    let kind: Kind
    /// The word before it.
    let token: String?
    let arguments: [CommandArgument]
    private(set) var isOptional = false
    private(set) var isMultiple = false

    private init(_ name: String, _ kind: Kind, token: String?, arguments: [CommandArgument] = []) {
        self.name = name
        self.kind = kind
        self.token = token
        self.arguments = arguments
    }

    static func string(_ name: String, token: String? = nil) -> CommandArgument {
        CommandArgument(name, .string, token: token)
    }

    static func integer(_ name: String, token: String? = nil) -> CommandArgument {
        CommandArgument(name, .integer, token: token)
    }

    static func unixTime(_ name: String, token: String) -> CommandArgument {
        CommandArgument(name, .unixTime, token: token)
    }

    /// A word that stands for itself.
    static func word(_ token: String) -> CommandArgument {
        CommandArgument(token.lowercased(), .pureToken, token: token)
    }

    static func oneOf(_ name: String, token: String? = nil, _ arguments: CommandArgument...) -> CommandArgument {
        CommandArgument(name, .oneOf, token: token, arguments: arguments)
    }

    static func block(_ name: String, token: String? = nil, _ arguments: CommandArgument...) -> CommandArgument {
        CommandArgument(name, .block, token: token, arguments: arguments)
    }

    /// The same, and it may be left out.
    var optional: CommandArgument { changed { $0.isOptional = true } }

    /// The same, once or more often.
    var repeated: CommandArgument { changed { $0.isMultiple = true } }

    private func changed(_ change: (inout CommandArgument) -> Void) -> CommandArgument {
        var argument = self
        change(&argument)
        return argument
    }

    // MARK: - What follows from it

    /// The fewest words it takes.
    var fewestWords: Int {
        if isOptional { return 0 }
        let tokenWords = token == nil ? 0 : 1
        return switch kind {
        case .string, .integer, .unixTime: tokenWords + 1
        case .pureToken: 1
        case .oneOf: tokenWords + (arguments.map(\.fewestWords).min() ?? 0)
        case .block: tokenWords + arguments.map(\.fewestWords).reduce(0, +)
        }
    }

    /// The most words it takes; nil for any number.
    var mostWords: Int? {
        if isMultiple { return nil }
        let parts = arguments.map(\.mostWords)
        let tokenWords = token == nil ? 0 : 1
        switch kind {
        case .string, .integer, .unixTime: return tokenWords + 1
        case .pureToken: return 1
        case .oneOf, .block:
            let known = parts.compactMap { $0 }
            guard known.count == parts.count else { return nil }
            return tokenWords + (kind == .oneOf ? known.max() ?? 0 : known.reduce(0, +))
        }
    }

    /// As people read it: `[meter n ...]`.
    var syntax: String {
        let value =
            switch kind {
            case .string, .integer, .unixTime: name
            case .pureToken: ""
            case .oneOf: arguments.map(\.syntax).joined(separator: "|")
            case .block: arguments.map(\.syntax).joined(separator: " ")
            }
        let whole = [token ?? "", value].filter { !$0.isEmpty }.joined(separator: " ")
        switch (isOptional, isMultiple) {
        case (false, false): return whole
        case (true, false): return "[\(whole)]"
        case (false, true): return "\(whole) [\(value) ...]"
        case (true, true): return token == nil ? "[\(whole) ...]" : "[\(whole) [\(value) ...]]"
        }
    }
}
