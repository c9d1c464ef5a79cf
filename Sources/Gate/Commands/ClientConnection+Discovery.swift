internal import RESP

/// `COMMAND` and `HELP`: what this gate can be asked.
extension ClientConnection {
    /// The subcommand that the second word names, if its arguments can be right; else an error was answered.
    func subcommand(of container: CommandDescription, _ words: [String]) -> CommandDescription? {
        guard let subcommand = container.subcommand(words[1]) else {
            let (word, name) = (words[1].prefix(128), container.name.uppercased())
            reply { $0.append(errorText: "ERR unknown subcommand '\(word)'. Try \(name) HELP.") }
            return nil
        }
        guard subcommand.accepts(wordCount: words.count) else {
            wrongArity(subcommand.name)
            return nil
        }
        return subcommand
    }

    /// `COMMAND [COUNT | LIST | INFO | DOCS | GETKEYS | HELP]`.
    func describe(_ container: CommandDescription, _ words: [String]) {
        guard words.count > 1 else { return replyInfo(CommandTable.all) }
        guard let subcommand = subcommand(of: container, words) else { return }
        switch subcommand.lastName {
        case "count": reply { $0.append(integer: Int64(CommandTable.all.count)) }
        case "list": listNames(words)
        case "info": replyInfo(words.count == 2 ? CommandTable.all : words[2...].map { CommandTable.command($0) })
        case "docs":
            let named = words.count == 2 ? CommandTable.all : words[2...].compactMap { CommandTable.command($0) }
            reply { $0.append(docs: named, protocolVersion) }
        case "getkeys", "getkeysandflags": refuseKeys(words[2])
        default: reply { $0.append(lines: CommandTable.containerHelpLines(of: container)) }
        }
    }

    private func replyInfo(_ commands: [CommandDescription?]) {
        reply { output in
            output.appendArrayHeader(commands.count)
            for command in commands {
                if let command {
                    output.append(info: command, protocolVersion)
                } else {
                    output.appendNull(protocolVersion)
                }
            }
        }
    }

    /// `COMMAND LIST [FILTERBY MODULE name | ACLCAT category | PATTERN pattern]`.
    private func listNames(_ words: [String]) {
        var matching = CommandTable.all.flatMap { [$0] + $0.subcommands }
        if words.count > 2 {
            guard words.count == 5, words[2].uppercased() == "FILTERBY" else {
                return reply { $0.append(error: "ERR syntax error") }
            }
            switch words[3].uppercased() {
            // No module has added a command.
            case "MODULE": matching = []
            case "ACLCAT": matching.removeAll { !$0.categories.contains("@" + words[4].lowercased()) }
            case "PATTERN":
                let pattern = NamePattern(words[4])
                matching.removeAll { !pattern.matches($0.name) }
            default: return reply { $0.append(error: "ERR syntax error") }
            }
        }
        reply { output in
            output.appendArrayHeader(matching.count)
            for command in matching { output.append(bulkUTF8: command.name) }
        }
    }

    private func refuseKeys(_ word: String) {
        guard CommandTable.command(word) != nil else {
            return reply { $0.append(error: "ERR Invalid command specified") }
        }
        reply { $0.append(error: "ERR The command has no key arguments") }
    }

    /// `HELP [command [subcommand]]`.
    func help(_ words: [String]) {
        guard words.count > 1 else { return reply { $0.append(lines: CommandTable.helpLines) } }
        let name = words[1...].joined(separator: "|")
        guard let command = CommandTable.command(name) else {
            let text = words[1...].joined(separator: " ").prefix(128)
            return reply { $0.append(errorText: "ERR no command '\(text)': HELP alone lists all") }
        }
        reply { $0.append(lines: CommandTable.helpLines(of: command)) }
    }
}
