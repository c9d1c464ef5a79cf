internal import RESP
internal import Reactor

/// What stock Redis clients send while they connect, answered as Redis would.
extension ClientConnection {
    func ping(_ bytes: Span<UInt8>) {
        switch argumentCount {
        case 1: reply { $0.append(simple: "PONG") }
        case 2: reply { $0.append(bulk: bytes.extracting(argument(1))) }
        default: wrongArity("ping")
        }
    }

    func echo(_ bytes: Span<UInt8>) {
        guard argumentCount == 2 else { return wrongArity("echo") }
        reply { $0.append(bulk: bytes.extracting(argument(1))) }
    }

    /// `HELLO [version [AUTH user password] [SETNAME name]]`.
    func hello(_ words: [String]) {
        var version = protocolVersion
        if words.count > 1 {
            switch words[1] {
            case "2": version = .two
            case "3": version = .three
            default: return reply { $0.append(error: "NOPROTO unsupported protocol version") }
            }
        }
        var index = 2
        var newName = name
        while index < words.count {
            switch words[index].uppercased() {
            case "AUTH" where index + 2 < words.count: return authenticate()
            case "SETNAME" where index + 1 < words.count:
                newName = words[index + 1]
                guard Self.isClientText(newName) else { return refuseText("Client names") }
                index += 2
            default: return reply { $0.append(errorText: "ERR Syntax error in HELLO option '\(words[index])'") }
            }
        }
        protocolVersion = version
        name = newName
        reply {
            $0.appendMapHeader(7, version)
            $0.append(bulk: "server")
            $0.append(bulk: "tollgate")
            $0.append(bulk: "version")
            $0.append(bulkUTF8: server.rules.configuration.version)
            $0.append(bulk: "proto")
            $0.append(integer: version == .three ? 3 : 2)
            $0.append(bulk: "id")
            $0.append(integer: identifier)
            $0.append(bulk: "mode")
            $0.append(bulk: "standalone")
            $0.append(bulk: "role")
            $0.append(bulk: "master")
            $0.append(bulk: "modules")
            $0.appendArrayHeader(0)
        }
    }

    /// There are no passwords here: the socket's mode and the peer's user decide who may connect.
    func authenticate() {
        reply {
            $0.append(
                error: """
                    ERR AUTH <password> called without any password configured for the default user. Are you sure your \
                    configuration is correct?
                    """)
        }
    }

    func select(_ words: [String]) {
        if words[1] == "0" {
            reply { $0.append(simple: "OK") }
        } else if Int(words[1]) == nil {
            reply { $0.append(error: "ERR value is not an integer or out of range") }
        } else {
            reply { $0.append(error: "ERR DB index is out of range") }
        }
    }

    /// `CONFIG GET` knows no parameter: what is configured is shown by the command line.
    func configuration(_ container: CommandDescription, _ words: [String]) {
        guard let get = container.subcommand(words[1]) else {
            return reply { $0.append(error: "ERR only CONFIG GET is known here: settings live in tollgate.yaml") }
        }
        guard get.accepts(wordCount: words.count) else { return wrongArity(get.name) }
        reply { $0.appendMapHeader(0, protocolVersion) }
    }

    /// `INFO [section ...]`.
    func info(_ words: [String]) {
        let wanted = Set(words.dropFirst().map { $0.lowercased() })
        let text = server.infoText(for: self)
        guard !wanted.isEmpty, wanted.isDisjoint(with: ["all", "default", "everything"]) else {
            return reply { $0.append(bulkUTF8: text) }
        }
        let sections = text.split(separator: "\r\n\r\n").filter { section in
            let title = section.prefix { $0 != "\r\n" }.dropFirst(2).lowercased()
            return wanted.contains(title)
        }
        reply { $0.append(bulkUTF8: sections.map { $0 + "\r\n" }.joined(separator: "\r\n")) }
    }

    /// As it was when it was new.
    func reset() {
        protocolVersion = .two
        name = ""
        reply { $0.append(simple: "RESET") }
    }
}
