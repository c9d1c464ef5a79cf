import RESP

/// A blocking conversation with the gate: one command, one reply. For the command line, which asks one thing and ends.
struct GateConnection: ~Copyable {
    private let socket: LocalSocket
    private var parser = ReplyParser()

    init(_ socket: consuming LocalSocket) { self.socket = socket }

    /// Sends a command and waits for its reply. An error reply is thrown.
    ///
    /// - Parameter counts: whether the command counts something, which a lost reply leaves open.
    mutating func call(_ arguments: [String], counts: Bool) throws(CommandFailure) -> RESPValue {
        let reply: RESPValue
        do {
            try socket.send(GateConnection.encode(arguments))
            reply = try readReply()
        } catch let error as ReplyError {
            throw CommandFailure("the gate's socket is not tollgate's: \(error)", .unreachable)
        } catch {
            let doubt = counts ? " (it may have counted the call: repeat it only with the same --id)" : ""
            throw CommandFailure("the gate did not answer: \(error)\(doubt)", .unreachable)
        }
        if let text = reply.errorText { throw GateErrorReply(text).failure }
        return reply
    }

    private mutating func readReply() throws -> RESPValue {
        while true {
            if let reply = try parser.next() { return reply }
            let bytes = try socket.receive()
            guard !bytes.isEmpty else { throw CommandFailure("it closed the connection", .unreachable) }
            parser.append(bytes)
        }
    }

    private static func encode(_ arguments: [String]) -> [UInt8] {
        var output = OutputBuffer()
        output.appendCommand(argumentCount: arguments.count)
        for argument in arguments { output.appendArgument(argument) }
        return output.withReadable { span in span.indices.map { span[$0] } }
    }
}
