import RESP
import Testing

@testable import tollgate

@Suite struct `A conversation with the gate` {
    private func ask(_ peer: ScriptedPeer, counts: Bool = false) throws -> RESPValue {
        var connection = GateConnection(try DaemonSocket.gate.connect(["/nowhere/gate.sock", peer.path]))
        return try connection.call(["TAKE", "acme", "messages", "1"], counts: counts)
    }

    @Test func `a reply in pieces is put together, at the first socket that listens`() throws {
        let peer = try ScriptedPeer(answers: [["*2\r\n:1\r", "\n$2\r\no", "k\r\n"]])
        #expect(try ask(peer) == .array([.integer(1), .bulk(Array("ok".utf8))]))
        #expect(peer.requests == ["*4\r\n$4\r\nTAKE\r\n$4\r\nacme\r\n$8\r\nmessages\r\n$1\r\n1\r\n"])
    }

    @Test func `an error reply is a failure in its words`() throws {
        let peer = try ScriptedPeer(answers: [["-NOMETER messages\r\n"]])
        #expect(throws: CommandFailure("NOMETER messages", .usage)) { _ = try ask(peer) }
        #expect(peer.requests.count == 1)
    }

    @Test func `a lost reply leaves open what was counted, and says so`() throws {
        let peer = try ScriptedPeer(answers: [[], ["*2\r\n:1\r\n"]])
        let silent = try #require(throws: CommandFailure.self) { _ = try ask(peer) }
        #expect(silent == CommandFailure("the gate did not answer: it closed the connection", .unreachable))
        let half = try #require(throws: CommandFailure.self) { _ = try ask(peer, counts: true) }
        #expect(half.message.hasSuffix("(it may have counted the call: repeat it only with the same --id)"))
        #expect(peer.requests.count == 2)
    }

    @Test func `a socket that speaks something else is no gate`() throws {
        let peer = try ScriptedPeer(answers: [["HTTP/1.1 400 Bad Request\r\n\r\n"]])
        let failure = try #require(throws: CommandFailure.self) { _ = try ask(peer) }
        #expect(failure.outcome == .unreachable)
        #expect(failure.message.hasPrefix("the gate's socket is not tollgate's"))
        #expect(peer.requests.count == 1)
    }
}
