/// All commands of the gate. A command that is not here is not described anywhere.
enum CommandTable {
    static let all = gate + session

    private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

    /// The command of this name, in any case; of a subcommand it is written `client|kill`.
    static func command(_ name: some StringProtocol) -> CommandDescription? {
        let words = name.lowercased().split(separator: "|", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = words.first, let command = byName[String(first)] else { return nil }
        return words.count == 1 ? command : command.subcommand(String(words[1]))
    }

    /// What `HELP` lists: one line a command, or a subcommand of those that have any.
    static let helpLines = all.flatMap { $0.subcommands.isEmpty ? [$0] : $0.subcommands }
        .map { "\($0.syntax) -- \($0.summary)" }

    /// What `HELP command` tells.
    static func helpLines(of command: CommandDescription) -> [String] {
        var lines = [command.syntax, "    \(command.summary)"]
        for subcommand in command.subcommands { lines += [subcommand.syntax, "    \(subcommand.summary)"] }
        if !command.errors.isEmpty { lines.append("    errors: " + command.errors.joined(separator: ", ")) }
        lines.append("    since: \(command.since), group: \(command.group.rawValue)")
        return lines
    }

    /// What `CLIENT HELP` and its like tell, in Redis's form.
    static func containerHelpLines(of container: CommandDescription) -> [String] {
        let name = container.name.uppercased()
        var lines = ["\(name) <subcommand> [<arg> [value] [opt] ...]. Subcommands are:"]
        if !container.needsSubcommand { lines += ["(no subcommand)", "    \(container.summary)."] }
        for subcommand in container.subcommands {
            lines += [String(subcommand.syntax.dropFirst(name.count + 1)), "    \(subcommand.summary)."]
        }
        return lines
    }
}
