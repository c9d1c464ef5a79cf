internal import Metering
internal import RESP

/// From a parsed request to the command it names.
extension ClientConnection {
    /// Executes the request whose arguments stand in `bytes`.
    func execute(_ bytes: Span<UInt8>) {
        guard let name = CommandName(bytes.extracting(argument(0))) else { return unknown(bytes) }
        switch name {
        case .take: spend(.take, bytes)
        case .check: spend(.check, bytes)
        case .record: spend(.record, bytes)
        case .level: spend(.level, bytes)
        case .feature: spend(.feature, bytes)
        case .usage: spend(.usage, bytes)
        case .explain: spend(.explain, bytes)
        case .reserve: spend(.reserve, bytes)
        case .commit: settle(.commit, bytes)
        case .release: settle(.release, bytes)
        case .extend: settle(.extend, bytes)
        case .refund: spend(.refund, bytes)
        case .ping: ping(bytes)
        case .echo: echo(bytes)
        case .set: reply { $0.append(error: "ERR use LEVEL") }
        default:
            if CommandName.session.contains(name) {
                executeRare(name, texts(bytes))
            } else if CommandName.transactions.contains(name) {
                reply {
                    $0.append(
                        error: """
                            ERR no transactions here: name several meters in one TAKE, or use \
                            pipeline(transaction=False)
                            """)
                }
            } else {
                unknown(bytes)
            }
        }
    }

    /// Commands about the connection and the gate, which nobody sends often.
    private func executeRare(_ name: CommandName, _ words: [String]) {
        guard let command = CommandTable.command(words[0]) else { return }
        guard command.accepts(wordCount: words.count) else { return wrongArity(command.name) }
        switch name {
        case .hello: hello(words)
        case .auth: authenticate()
        case .select: select(words)
        case .client: clientCommand(command, words)
        case .command: describe(command, words)
        case .config: configuration(command, words)
        case .info: info(words)
        case .help: help(words)
        case .slowlog: slowLog(command, words)
        case .quit:
            reply { $0.append(simple: "OK") }
            isEnding = true
        case .reset: reset()
        default: break
        }
    }

    private func spend(_ command: SpendCall.Command, _ bytes: Span<UInt8>) {
        do throws(ArgumentError) {
            try server.request.read(command, bytes, self)
            let entry = server.directory.entry(for: bytes.extracting(argument(1)))
            if entry.state == .ready, !server.rules.configuration.confirmsWithRedis, decide(command, entry) { return }
            ask(server.makeCall(command, entry: entry, client: self))
        } catch {
            reply { $0.append(errorText: error.text) }
        }
    }

    /// Answers the request in hand from this process's memory, if that can be done.
    private func decide(_ command: SpendCall.Command, _ entry: TenantEntry) -> Bool {
        let book = server.book
        switch book.decide(command, server.request, entry) {
        case .decided:
            server.metrics.add(.decidedByLease)
            replyDecided(command, entry, book)
        case .refused(let reason):
            server.metrics.add(.decidedByLease)
            server.metrics.add(.refused)
            let decision = Decision(reason, isAllowed: false, retryAfter: MeterOutcome.neverRetry)
            entry.noteRefusal(decision, command, server.request.items[0], server, server.rules, by: .record)
            let name = server.rules.replyNames[server.request.items[0].meter]
            reply { $0.append(decision, of: name, protocolVersion) }
        case .failed(let text): reply { $0.append(errorText: text) }
        case .asks, .strict: return false
        }
        return true
    }

    private func replyDecided(_ command: SpendCall.Command, _ entry: TenantEntry, _ book: LeaseBook) {
        if command == .record {
            return reply { $0.append(countsOf: server.request.items, book.outcomes, server.rules) }
        }
        let index = MeterOutcome.deciding(book.outcomes)
        let decision = Decision(book.outcomes[index], of: book.outcomes)
        server.metrics.add(decision.isAllowed ? .allowed : .refused)
        if !decision.isAllowed {
            entry.noteRefusal(decision, command, server.request.items[index], server, server.rules, by: .lease)
        }
        let name = server.rules.replyNames[server.request.items[index].meter]
        guard command == .reserve, decision.isAllowed else {
            return reply { $0.append(decision, of: name, protocolVersion) }
        }
        reply {
            $0.append(
                decision, of: name, protocolVersion, reservation: book.reservations.ids.write(book.reserved))
        }
    }

    /// Worded as Redis words it, with what was sent cut short.
    private func unknown(_ bytes: Span<UInt8>) {
        let words = texts(bytes).map { String($0.prefix(128)) }
        let arguments = words.dropFirst().prefix(8).map { "'\($0)'" }.joined(separator: " ")
        reply {
            $0.append(errorText: "ERR unknown command '\(words[0])', with args beginning with: \(arguments)")
        }
    }

    func wrongArity(_ command: String) {
        reply { $0.append(errorText: "ERR wrong number of arguments for '\(command)' command") }
    }

    /// The arguments as text, for commands that are rare.
    func texts(_ bytes: Span<UInt8>) -> [String] {
        (0..<argumentCount).map { index in
            String(decoding: Array(copying: bytes.extracting(argument(index))), as: UTF8.self)
        }
    }
}
