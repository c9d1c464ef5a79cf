import RESP
import Testing

@testable import Gate

@Suite struct CommandTableTests {
    private func value(_ version: RESPVersion, _ write: (inout OutputBuffer) -> Void) throws -> RESPValue {
        var output = OutputBuffer()
        write(&output)
        var parser = ReplyParser()
        parser.append(output.withReadable { span in span.indices.map { span[$0] } })
        return try #require(try parser.next())
    }

    private func command(_ name: String) throws -> CommandDescription {
        try #require(CommandTable.command(name))
    }

    @Test(arguments: [
        ("check", "CHECK tenant meter [n] [meter n ...]", -3),
        ("take", "TAKE tenant meter [n] [meter n ...] [ID key]", -3),
        ("reserve", "RESERVE tenant meter n [meter n ...] [TTL ms]", -4),
        ("commit", "COMMIT reservation [meter n ...]", -2), ("release", "RELEASE reservation", 2),
        ("extend", "EXTEND reservation ms", 3),
        ("record", "RECORD tenant meter n [meter n ...] [ID key] [AT unix-ms]", -4),
        ("refund", "REFUND tenant meter n [meter n ...] [ID key]", -4), ("level", "LEVEL tenant meter value", 4),
        ("feature", "FEATURE tenant feature", 3), ("usage", "USAGE tenant [meter ...]", -2),
        ("explain", "EXPLAIN tenant [meter]", -2), ("ping", "PING [message]", -1), ("echo", "ECHO message", 2),
        ("hello", "HELLO [protover [AUTH username password] [SETNAME clientname]]", -1),
        ("auth", "AUTH [username] password", -2), ("select", "SELECT index", 2), ("client", "CLIENT", -2),
        ("command", "COMMAND", -1), ("info", "INFO [section ...]", -1), ("config", "CONFIG", -2),
        ("help", "HELP [command [subcommand]]", -1), ("slowlog", "SLOWLOG", -2), ("quit", "QUIT", 1),
        ("reset", "RESET", 1), ("client|id", "CLIENT ID", 2),
        (
            "client|list",
            "CLIENT LIST [TYPE NORMAL|MASTER|REPLICA|PUBSUB] [UID user-id] [ID client-id [client-id ...]]", -2
        ),
        ("client|setinfo", "CLIENT SETINFO LIB-NAME libname|LIB-VER libver", 4),
        ("slowlog|get", "SLOWLOG GET [count]", -2),
    ])
    func `a command's syntax and arity follow from its arguments`(name: String, syntax: String, arity: Int) throws {
        #expect(try command(name).syntax == syntax)
        #expect(try command(name).arity == arity)
    }

    @Test func `every command is in the table once, and is one that a request can name`() {
        let names = CommandTable.all.map(\.name)
        #expect(names.count == 25 && Set(names).count == names.count)
        for name in names { #expect(CommandName(Array(name.utf8).span) != nil) }
        for command in CommandTable.all {
            for subcommand in command.subcommands { #expect(subcommand.name.hasPrefix(command.name + "|")) }
            #expect(command.subcommands.isEmpty || command.subcommand("HELP") != nil || command.name == "config")
        }
    }

    @Test func `names are found in any case, and what is no command is not`() {
        #expect(CommandTable.command("TaKe")?.name == "take")
        #expect(CommandTable.command("CLIENT|Kill")?.name == "client|kill")
        for name in ["", "|", "nothing", "take|", "client|", "client|nothing", "client|kill|", "kill"] {
            #expect(CommandTable.command(name) == nil)
        }
    }

    @Test func `so many words are accepted as the syntax allows`() throws {
        let cases = [
            ("take", 3...200), ("extend", 3...3), ("hello", 1...7), ("auth", 2...3), ("client|id", 2...2),
            ("command|getkeys", 3...200), ("help", 1...3),
        ]
        for (name, counts) in cases {
            let command = try command(name)
            #expect((1...200).filter { command.accepts(wordCount: $0) } == Array(counts), "\(name)")
        }
    }

    @Test func `COMMAND INFO has Redis's ten parts, with sets in RESP3`() throws {
        let take = try command("take")
        let two = try value(.two) { $0.append(info: take, .two) }
        #expect(
            two
                == .array([
                    .bulk("take"), .integer(-3), .array([.simple("write"), .simple("fast")]), .integer(0), .integer(0),
                    .integer(0), .array([.simple("@write"), .simple("@fast")]), .array([]), .array([]), .array([]),
                ]))
        let three = try value(.three) { $0.append(info: take, .three) }
        #expect(three.elements?[2] == .set([.simple("write"), .simple("fast")]))
        #expect(three.elements?[7] == .set([]) && three.elements?[9] == .array([]))
        let slowlog = try command("slowlog")
        let container = try value(.two) { $0.append(info: slowlog, .two) }
        #expect(container.elements?[9].elements?.map { $0.elements?[0].text } == slowlog.subcommands.map(\.name))
    }

    @Test func `COMMAND DOCS is a flat list in RESP2 and a map in RESP3`() throws {
        let record = try command("record")
        let two = try value(.two) { $0.append(docs: [record], .two) }
        #expect(two.elements?.count == 2 && two.elements?[0] == .bulk("record"))
        let flat = try #require(two.elements?[1].elements)
        #expect(
            stride(from: 0, to: flat.count, by: 2).map { flat[$0].text } == ["summary", "since", "group", "arguments"])
        let three = try value(.three) { $0.append(docs: [record], .three) }
        let docs = try #require(three["record"])
        #expect(docs["group"] == .bulk("gate") && docs["since"] == .bulk("0.1.0"))
        let arguments = try #require(docs["arguments"]?.elements)
        #expect(arguments.map { $0["name"]?.text } == ["tenant", "meter_n", "key", "unix-ms"])
        #expect(arguments.map { $0["type"]?.text } == ["string", "block", "string", "unix-time"])
        #expect(arguments.map { $0["token"]?.text } == [nil, nil, "ID", "AT"])
        #expect(arguments[1]["flags"] == .set([.simple("multiple")]))
        #expect(arguments[2]["flags"] == .set([.simple("optional")]))
        #expect(arguments[1]["arguments"]?.elements?.map { $0["name"]?.text } == ["meter", "n"])
    }

    @Test func `HELP tells the syntax and the errors, and of containers the subcommands`() throws {
        #expect(CommandTable.helpLines.contains("RELEASE reservation -- Give all of a reservation back"))
        #expect(CommandTable.helpLines.contains { $0.hasPrefix("CLIENT KILL ID client-id|") })
        #expect(
            CommandTable.helpLines(of: try command("release")) == [
                "RELEASE reservation", "    Give all of a reservation back",
                "    errors: BADARG, NORESERVATION, STORE", "    since: 0.1.0, group: gate",
            ])
        #expect(CommandTable.helpLines(of: try command("slowlog")).contains("SLOWLOG GET [count]"))
        let lines = CommandTable.containerHelpLines(of: try command("command"))
        #expect(
            lines.prefix(2) == ["COMMAND <subcommand> [<arg> [value] [opt] ...]. Subcommands are:", "(no subcommand)"])
        #expect(lines.contains("DOCS [command-name ...]"))
    }

    @Test(arguments: [
        ("*", "take", true), ("t*", "take", true), ("T?KE", "take", true), ("take", "take", true),
        ("*a*e", "take", true), ("**", "", true), ("client|*", "client|kill", true), ("", "take", false),
        ("t", "take", false), ("take?", "take", false), ("*x", "take", false), ("?", "", false),
        ("*l*l*t", "client|kill", false),
    ])
    func `a pattern matches whole names`(pattern: String, name: String, matches: Bool) {
        #expect(NamePattern(pattern).matches(name) == matches)
    }
}
