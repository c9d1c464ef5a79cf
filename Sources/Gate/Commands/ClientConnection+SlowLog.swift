internal import RESP
internal import Reactor

/// `SLOWLOG`: which calls had to wait.
extension ClientConnection {
    func slowLog(_ container: CommandDescription, _ words: [String]) {
        guard let subcommand = subcommand(of: container, words) else { return }
        switch subcommand.lastName {
        case "get": replySlowCalls(words)
        case "len": reply { $0.append(integer: Int64(slowCalls.count)) }
        case "reset":
            guard isOperator else {
                return reply { $0.append(error: "NOPERM only root and tollgate's own user may reset the slow log") }
            }
            server.slowLog.removeAll()
            reply { $0.append(simple: "OK") }
        default: reply { $0.append(lines: CommandTable.containerHelpLines(of: container)) }
        }
    }

    /// Those of whose clients this one may know.
    private var slowCalls: [SlowLog.Entry] { server.slowLog.entries.filter { mayReach($0.peer?.userID) } }

    private func replySlowCalls(_ words: [String]) {
        guard let count = words.count == 2 ? 10 : Int(words[2]), count >= -1 else {
            return reply { $0.append(error: "ERR count should be greater than or equal to -1") }
        }
        let shown = count == -1 ? slowCalls[...] : slowCalls.prefix(count)
        reply { output in
            output.appendArrayHeader(shown.count)
            for entry in shown {
                output.appendArrayHeader(6)
                output.append(integer: entry.identifier)
                output.append(integer: entry.time)
                output.append(integer: entry.duration)
                output.appendArrayHeader(entry.words.count)
                for word in entry.words { output.append(bulkUTF8: word) }
                // Where Redis has the address.
                output.append(bulkUTF8: entry.peer.map { "uid:\($0.userID),pid:\($0.processID)" } ?? "uid:?,pid:?")
                output.append(bulkUTF8: entry.clientName)
            }
        }
    }
}
