/// What stock Redis clients ask about the connection and the server, and what operators ask.
extension CommandTable {
    static let session: [CommandDescription] = [
        CommandDescription(
            "ping", .connection, [.fast], "Answers PONG, or the message", [.string("message").optional]),
        CommandDescription("echo", .connection, [.fast], "Answers the message", [.string("message")]),
        CommandDescription(
            "hello", .connection, [.fast], "Choose the protocol version and name the connection",
            [
                .block(
                    "arguments", .integer("protover"),
                    .block("username_password", token: "AUTH", .string("username"), .string("password")).optional,
                    .string("clientname", token: "SETNAME").optional
                ).optional
            ], errors: ["NOPROTO"]),
        CommandDescription(
            "auth", .connection, [.fast], "Refused: the socket's mode and the peer's user decide who may ask",
            [.string("username").optional, .string("password")]),
        CommandDescription("select", .connection, [.fast], "Choose database 0, the only one", [.integer("index")]),
        CommandDescription(
            "client", .connection, [], "A container for commands about connections", subcommands: client),
        CommandDescription(
            "command", .server, [], "Describe all commands", subcommands: command, needsSubcommand: false),
        CommandDescription(
            "info", .server, [], "State and counts of this gate", [.string("section").repeated.optional]),
        CommandDescription(
            "config", .server, [], "A container for commands about settings",
            subcommands: [
                CommandDescription(
                    "config|get", .server, [.admin],
                    "Answers that no parameter is known: settings are in tollgate.yaml",
                    [.string("parameter").repeated])
            ]),
        CommandDescription(
            "help", .server, [], "List all commands, or tell of one",
            [.block("command_subcommand", .string("command"), .string("subcommand").optional).optional]),
        CommandDescription(
            "slowlog", .server, [], "A container for commands about calls that waited long", subcommands: slowlog),
        CommandDescription("quit", .connection, [.fast], "Answer OK and close the connection"),
        CommandDescription("reset", .connection, [.fast], "Make the connection as it was when it was new"),
    ]

    private static let onOff = CommandArgument.oneOf("enabled", .word("ON"), .word("OFF"))
    private static let type = CommandArgument.oneOf(
        "client-type", token: "TYPE", .word("NORMAL"), .word("MASTER"), .word("REPLICA"), .word("PUBSUB"))

    private static let client: [CommandDescription] = [
        CommandDescription("client|id", .connection, [], "The id of this connection"),
        CommandDescription("client|info", .connection, [], "This connection's line of CLIENT LIST"),
        CommandDescription(
            "client|list", .connection, [.admin],
            "One line a connection: all for root and tollgate's own user, else those of one's own user",
            [
                type.optional, .integer("user-id", token: "UID").optional,
                .integer("client-id", token: "ID").repeated.optional,
            ]),
        CommandDescription(
            "client|kill", .connection, [.admin],
            "End connections that match all filters: any for root and tollgate's own user, else one's own user's",
            [
                CommandArgument.oneOf(
                    "filter", .integer("client-id", token: "ID"), .integer("user-id", token: "UID"), type,
                    .oneOf("yes/no", token: "SKIPME", .word("YES"), .word("NO"))
                ).repeated
            ], errors: ["NOPERM"]),
        CommandDescription("client|getname", .connection, [], "The name of this connection"),
        CommandDescription("client|setname", .connection, [], "Name this connection", [.string("connection-name")]),
        CommandDescription(
            "client|setinfo", .connection, [], "Say which client library this is",
            [.oneOf("attr", .string("libname", token: "LIB-NAME"), .string("libver", token: "LIB-VER"))]),
        CommandDescription(
            "client|no-evict", .connection, [], "Accepted, and without effect: no client is evicted", [onOff]),
        CommandDescription(
            "client|no-touch", .connection, [], "Accepted, and without effect: nothing is evicted", [onOff]),
        CommandDescription("client|help", .connection, [], "Tell what the subcommands are"),
    ]

    private static let names = CommandArgument.string("command-name").repeated.optional
    private static let wholeCommand: [CommandArgument] = [.string("command"), .string("arg").repeated.optional]

    private static let command: [CommandDescription] = [
        CommandDescription("command|count", .server, [], "How many commands there are"),
        CommandDescription(
            "command|list", .server, [], "The names of all commands, or of those that match",
            [
                CommandArgument.oneOf(
                    "filterby", token: "FILTERBY", .string("module-name", token: "MODULE"),
                    .string("category", token: "ACLCAT"), .string("pattern", token: "PATTERN")
                ).optional
            ]),
        CommandDescription("command|info", .server, [], "Arity, flags and categories of commands", [names]),
        CommandDescription("command|docs", .server, [], "Summary and arguments of commands", [names]),
        CommandDescription("command|getkeys", .server, [], "Refused: no command has keys of Redis", wholeCommand),
        CommandDescription(
            "command|getkeysandflags", .server, [], "Refused: no command has keys of Redis", wholeCommand),
        CommandDescription("command|help", .server, [], "Tell what the subcommands are"),
    ]

    private static let slowlog: [CommandDescription] = [
        CommandDescription(
            "slowlog|get", .server, [.admin],
            "The newest calls that waited longer than gate.slowlog: 10, or so many; -1 for all",
            [.integer("count").optional]),
        CommandDescription("slowlog|len", .server, [.admin], "How many calls SLOWLOG GET -1 would tell"),
        CommandDescription("slowlog|reset", .server, [.admin], "Forget them", errors: ["NOPERM"]),
        CommandDescription("slowlog|help", .server, [], "Tell what the subcommands are"),
    ]
}
