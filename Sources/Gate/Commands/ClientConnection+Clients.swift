internal import RESP
internal import Reactor

/// `CLIENT`: this connection, and the others.
extension ClientConnection {
    func clientCommand(_ container: CommandDescription, _ words: [String]) {
        // The form of Redis before 2.8.12.
        if words.count == 3, words[1].uppercased() == "KILL" {
            return reply { $0.append(errorText: ArgumentError.noAddress.text) }
        }
        guard let subcommand = subcommand(of: container, words) else { return }
        switch subcommand.lastName {
        case "id": reply { $0.append(integer: identifier) }
        case "info":
            // It looks at the replies, so it is made before they are written to.
            let line = server.line(of: self)
            reply { $0.append(bulkUTF8: line) }
        case "list": listClients(words[2...])
        case "kill": killClients(words[2...])
        case "getname": reply { name.isEmpty ? $0.appendNull(protocolVersion) : $0.append(bulkUTF8: name) }
        case "setname":
            guard Self.isClientText(words[2]) else { return refuseText("Client names") }
            name = words[2]
            reply { $0.append(simple: "OK") }
        case "setinfo": setInfo(words[2], words[3])
        case "no-evict", "no-touch":
            guard ["ON", "OFF"].contains(words[2].uppercased()) else {
                return reply { $0.append(error: "ERR syntax error") }
            }
            reply { $0.append(simple: "OK") }
        default: reply { $0.append(lines: CommandTable.containerHelpLines(of: container)) }
        }
    }

    private func setInfo(_ option: String, _ text: String) {
        let attribute = option.uppercased()
        guard attribute == "LIB-NAME" || attribute == "LIB-VER" else {
            return reply { $0.append(errorText: "ERR Unrecognized option '\(option.prefix(128))'") }
        }
        guard Self.isClientText(text) else { return refuseText(attribute.lowercased()) }
        if attribute == "LIB-NAME" { library.name = text } else { library.version = text }
        reply { $0.append(simple: "OK") }
    }

    /// Whether a text fits a field of `CLIENT LIST`: printable, without spaces, and not too long.
    static func isClientText(_ text: String) -> Bool {
        text.utf8.count <= 128 && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f }
    }

    func refuseText(_ what: String) {
        reply {
            $0.append(errorText: "ERR \(what) cannot contain spaces, newlines or special characters.")
        }
    }

    // MARK: - Others

    /// Root and tollgate's own user reach every connection; others those of their own user.
    func mayReach(_ other: UInt32?) -> Bool {
        isOperator || (other != nil && other == peer?.userID)
    }

    var isOperator: Bool {
        peer.map { server.rules.configuration.operatorUserIDs.contains($0.userID) } ?? false
    }

    private func listClients(_ words: ArraySlice<String>) {
        do throws(ArgumentError) {
            let filter = try ClientFilter(listing: words)
            var text = ""
            for client in server.clients(matching: filter) where mayReach(client.peer?.userID) {
                text += server.line(of: client) + "\n"
            }
            reply { $0.append(bulkUTF8: text) }
        } catch {
            reply { $0.append(errorText: error.text) }
        }
    }

    private func killClients(_ words: ArraySlice<String>) {
        do throws(ArgumentError) {
            let filter = try ClientFilter(killing: words)
            var named = server.clients(matching: filter)
            if filter.skipsCaller { named.removeAll { $0 === self } }
            let reached = named.filter { mayReach($0.peer?.userID) }
            let isForeign = reached.count < named.count || filter.userID.map { !mayReach($0) } ?? false
            guard !filter.isExplicit || !isForeign else {
                throw ArgumentError(
                    text: "NOPERM another user's connection: only that user, root and tollgate's own may end it")
            }
            reply { $0.append(integer: Int64(reached.count)) }
            for client in reached where client !== self { client.close() }
            // Its own end comes behind its replies.
            if reached.contains(where: { $0 === self }) { isEnding = true }
        } catch {
            reply { $0.append(errorText: error.text) }
        }
    }
}

extension GateServer {
    /// In the order in which they came.
    func clients(matching filter: ClientFilter) -> [ClientConnection] {
        clients.filter { filter.matches(identifier: $0.identifier, userID: $0.peer?.userID) }
            .sorted { $0.identifier < $1.identifier }
    }

    /// A connection as `CLIENT LIST` tells of it, by Redis's names; `uid` and `pid` are the peer's.
    func line(of client: ClientConnection) -> String {
        let path = rules.configuration.socketPath
        let backlog = client.backlog
        var line = "id=\(client.identifier) addr=\(path):0 laddr=\(path):0 fd=\(client.descriptorNumber)"
        line += " name=\(client.name) age=\((loop.now - client.connectedAt) / 1_000_000)"
        line += " idle=\((loop.now - client.lastActive) / 1_000_000) flags=U db=0 sub=0 psub=0 ssub=0 multi=-1"
        line += " qbuf=\(backlog.input) oll=\(backlog.replies) omem=\(backlog.output) events=\(client.eventLetters)"
        line += " user=default resp=\(client.protocolVersion == .three ? 3 : 2)"
        line += " lib-name=\(client.library.name) lib-ver=\(client.library.version)"
        guard let peer = client.peer else { return line + " uid=? pid=?" }
        return line + " uid=\(peer.userID) pid=\(peer.processID)"
    }
}
