internal import RESP

/// Descriptions of commands in the form that Redis 7 has for them.
extension OutputBuffer {
    /// An entry of `COMMAND INFO`. A command here has no key of Redis, so the positions of keys are 0.
    mutating func append(info command: CommandDescription, _ version: RESPVersion) {
        appendArrayHeader(10)
        append(bulkUTF8: command.name)
        append(integer: Int64(command.arity))
        append(set: command.flags.map(\.rawValue), version)
        for _ in 0..<3 { append(integer: 0) }
        append(set: command.categories, version)
        // Tips and specifications of keys.
        for _ in 0..<2 { appendSetHeader(0, version) }
        appendArrayHeader(command.subcommands.count)
        for subcommand in command.subcommands { append(info: subcommand, version) }
    }

    /// The name and the description that `COMMAND DOCS` has of each command.
    mutating func append(docs commands: [CommandDescription], _ version: RESPVersion) {
        appendMapHeader(commands.count, version)
        for command in commands {
            append(bulkUTF8: command.name)
            appendMapHeader(3 + (command.arguments.isEmpty ? 0 : 1) + (command.subcommands.isEmpty ? 0 : 1), version)
            append(bulk: "summary")
            append(bulkUTF8: command.summary)
            append(bulk: "since")
            append(bulkUTF8: command.since)
            append(bulk: "group")
            append(bulkUTF8: command.group.rawValue)
            if !command.arguments.isEmpty { append(arguments: command.arguments, version) }
            if !command.subcommands.isEmpty {
                append(bulk: "subcommands")
                append(docs: command.subcommands, version)
            }
        }
    }

    private mutating func append(arguments: [CommandArgument], _ version: RESPVersion) {
        append(bulk: "arguments")
        appendArrayHeader(arguments.count)
        for argument in arguments {
            let flags = [argument.isOptional ? "optional" : nil, argument.isMultiple ? "multiple" : nil]
                .compactMap { $0 }
            let optionalParts = [argument.token != nil, !flags.isEmpty, !argument.arguments.isEmpty]
            appendMapHeader(2 + optionalParts.count { $0 }, version)
            append(bulk: "name")
            append(bulkUTF8: argument.name)
            append(bulk: "type")
            append(bulkUTF8: argument.kind.rawValue)
            if let token = argument.token {
                append(bulk: "token")
                append(bulkUTF8: token)
            }
            if !flags.isEmpty {
                append(bulk: "flags")
                append(set: flags, version)
            }
            if !argument.arguments.isEmpty { append(arguments: argument.arguments, version) }
        }
    }

    private mutating func append(set words: [String], _ version: RESPVersion) {
        appendSetHeader(words.count, version)
        for word in words { append(simpleText: word) }
    }

    /// Lines for people to read.
    mutating func append(lines: [String]) {
        appendArrayHeader(lines.count)
        for line in lines { append(simpleText: line) }
    }
}
