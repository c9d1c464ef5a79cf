/// What a command does and takes. `COMMAND`, `HELP` and the check of how many words were sent all go by it.
struct CommandDescription: Sendable {
    /// As `COMMAND DOCS` sorts commands.
    enum Group: String, Sendable { case gate, connection, server }

    /// Redis's flags of a command, as far as they mean something here.
    enum Flag: String, Sendable { case write, readonly, admin, fast }

    /// In lower case; of a subcommand with its container in front: `client|kill`.
    let name: String
    let group: Group
    let flags: [Flag]
    let summary: String
    let arguments: [CommandArgument]
    let subcommands: [CommandDescription]
    /// Whether it means nothing by itself.
    let needsSubcommand: Bool
    /// The first words of errors that it answers for reasons of its own.
    let errors: [String]

    init(
        _ name: String, _ group: Group, _ flags: [Flag] = [], _ summary: String, _ arguments: [CommandArgument] = [],
        subcommands: [CommandDescription] = [], needsSubcommand: Bool = true, errors: [String] = []
    ) {
        self.name = name
        self.group = group
        self.flags = flags
        self.summary = summary
        self.arguments = arguments
        self.subcommands = subcommands
        self.needsSubcommand = needsSubcommand && !subcommands.isEmpty
        self.errors = errors
    }

    /// The release that has it first.
    var since: String { "0.1.0" }

    /// Its name without the container's.
    var lastName: Substring { name.split(separator: "|").last ?? "" }

    /// Redis's categories, which follow from the flags and the group.
    var categories: [String] {
        var categories: [String] = []
        if flags.contains(.write) { categories.append("@write") }
        if flags.contains(.readonly) { categories.append("@read") }
        if flags.contains(.admin) { categories += ["@admin", "@dangerous"] }
        categories.append(flags.contains(.fast) ? "@fast" : "@slow")
        if group == .connection { categories.append("@connection") }
        return categories
    }

    private var fewestWords: Int {
        nameWords + (needsSubcommand ? 1 : 0) + arguments.map(\.fewestWords).reduce(0, +)
    }

    private var mostWords: Int? {
        guard subcommands.isEmpty else { return nil }
        let known = arguments.compactMap(\.mostWords)
        guard known.count == arguments.count else { return nil }
        return nameWords + known.reduce(0, +)
    }

    private var nameWords: Int { name.contains("|") ? 2 : 1 }

    /// How many words it has, its name included; below zero for at least so many.
    var arity: Int { mostWords == fewestWords ? fewestWords : -fewestWords }

    /// Whether a request of so many words can be right.
    func accepts(wordCount: Int) -> Bool { wordCount >= fewestWords && wordCount <= mostWords ?? .max }

    /// The subcommand of this name, in any case.
    func subcommand(_ word: String) -> CommandDescription? {
        let name = word.lowercased()
        return subcommands.first { $0.lastName == name }
    }

    /// As people type it: `TAKE tenant meter [n] [meter n ...] [ID key]`.
    var syntax: String {
        let words = name.uppercased().split(separator: "|").map(String.init)
        return (words + arguments.map(\.syntax)).joined(separator: " ")
    }
}
