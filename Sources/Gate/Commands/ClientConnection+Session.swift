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
            case "AUTH" where index + 2 < words.count: return refuseAuthentication()
            case "SETNAME" where index + 1 < words.count:
                newName = words[index + 1]
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
    func authenticate(_ words: [String]) {
        guard words.count == 2 || words.count == 3 else { return wrongArity("auth") }
        refuseAuthentication()
    }

    private func refuseAuthentication() {
        reply {
            $0.append(
                error: """
                    ERR AUTH <password> called without any password configured for the default user. Are you sure your \
                    configuration is correct?
                    """)
        }
    }

    func select(_ words: [String]) {
        guard words.count == 2 else { return wrongArity("select") }
        if words[1] == "0" {
            reply { $0.append(simple: "OK") }
        } else if Int(words[1]) == nil {
            reply { $0.append(error: "ERR value is not an integer or out of range") }
        } else {
            reply { $0.append(error: "ERR DB index is out of range") }
        }
    }

    func clientCommand(_ words: [String]) {
        guard words.count > 1 else { return wrongArity("client") }
        switch (words[1].uppercased(), words.count) {
        case ("ID", 2): reply { $0.append(integer: identifier) }
        case ("GETNAME", 2):
            reply { name.isEmpty ? $0.appendNull(protocolVersion) : $0.append(bulkUTF8: name) }
        case ("SETNAME", 3):
            guard words[2].utf8.count <= 128, !words[2].utf8.contains(where: { $0 <= 0x20 || $0 > 0x7e }) else {
                return reply {
                    $0.append(error: "ERR Client names cannot contain spaces, newlines or special characters.")
                }
            }
            name = words[2]
            reply { $0.append(simple: "OK") }
        case ("SETINFO", 4), ("NO-EVICT", 3), ("NO-TOUCH", 3): reply { $0.append(simple: "OK") }
        case ("INFO", 2):
            let peerText = peer.map { "uid=\($0.userID) pid=\($0.processID)" } ?? "uid=? pid=?"
            reply {
                $0.append(
                    bulkUTF8: "id=\(identifier) name=\(name) \(peerText) resp=\(protocolVersion == .three ? 3 : 2)")
            }
        default:
            reply { $0.append(errorText: "ERR unknown subcommand or wrong number of arguments for '\(words[1])'") }
        }
    }

    func commandCommand(_ words: [String]) {
        switch words.count > 1 ? words[1].uppercased() : "" {
        case "COUNT": reply { $0.append(integer: Int64(Self.commands.count)) }
        case "", "LIST", "INFO":
            // Nothing is described yet; clients that complete commands then offer none.
            reply { $0.appendArrayHeader(0) }
        case "DOCS": reply { $0.appendMapHeader(0, protocolVersion) }
        default: reply { $0.append(errorText: "ERR unknown subcommand '\(words[1])'") }
        }
    }

    /// `CONFIG GET` knows no parameter: what is configured is shown by the command line.
    func configuration(_ words: [String]) {
        guard words.count > 2, words[1].uppercased() == "GET" else {
            return reply { $0.append(error: "ERR only CONFIG GET is known here: settings live in tollgate.yaml") }
        }
        reply { $0.appendMapHeader(0, protocolVersion) }
    }

    func help() {
        reply {
            $0.appendArrayHeader(Self.commands.count)
            for line in Self.commands { $0.append(bulkUTF8: line) }
        }
    }

    static let commands = [
        "CHECK tenant meter [n] [meter n ...] -- would this be allowed now? Consumes nothing",
        "TAKE tenant meter [n] [meter n ...] [ID key] -- check and consume, all meters or none",
        "RECORD tenant meter n [meter n ...] [ID key] [AT unix-ms] -- usage after the fact: always counted",
        "RESERVE tenant meter n [meter n ...] [TTL ms] -- set an estimate aside: commit it, or release it",
        "COMMIT reservation [meter n ...] -- settle a reservation at its true cost",
        "RELEASE reservation -- give back all that a reservation holds",
        "EXTEND reservation ms -- heartbeat of a long reservation",
        "LEVEL tenant meter value -- set a level (storage bytes, seats): always stored",
        "FEATURE tenant feature -- is a feature in the tenant's plan?",
        "USAGE tenant [meter ...] -- used, limit, percent and period of each meter",
        "PING [message] -- answers PONG, or the message",
        "ECHO message -- answers the message",
        "HELLO [2|3] [SETNAME name] -- choose the protocol version",
        "CLIENT ID|INFO|GETNAME|SETNAME name -- about this connection",
        "INFO -- state and counts of this gate",
        "HELP -- this list",
        "QUIT -- answer OK and close",
    ]
}
