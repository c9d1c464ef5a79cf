import Glibc
public import RESP

/// A blocking RESP client over a Unix socket, for a gate or a Redis. One task at a time may use it.
public final class GateClient {
    private let timeout: Duration
    private var descriptor: Int32
    private var parser = ReplyParser()

    /// Connects.
    ///
    /// - Parameters:
    ///   - path: the socket's path.
    ///   - timeout: how long a read or write may take before it throws.
    public init(_ path: String, timeout: Duration = .seconds(60)) throws {
        self.timeout = timeout
        descriptor = try UnixSocket.connect(path)
    }

    deinit { close() }

    /// Ends the connection. Calls after it throw.
    public func close() {
        if descriptor >= 0 { Glibc.close(descriptor) }
        descriptor = -1
    }

    /// Says that nothing more will be sent, and leaves the way back open.
    public func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Sends one command and reads its reply.
    public func call(_ arguments: String...) throws -> RESPValue { try call(arguments) }

    /// Sends one command and reads its reply.
    public func call(_ arguments: [String]) throws -> RESPValue {
        try send(arguments)
        return try read()
    }

    /// Sends commands in one write and reads all their replies.
    public func pipeline(_ commands: [[String]]) throws -> [RESPValue] {
        try send(raw: commands.flatMap(Self.encode))
        return try commands.map { _ in try read() }
    }

    /// Changes the connection to RESP3.
    @discardableResult
    public func helloThree() throws -> RESPValue { try call("HELLO", "3") }

    /// Sends one command.
    public func send(_ arguments: [String]) throws { try send(raw: Self.encode(arguments)) }

    /// Sends text as it is.
    public func send(raw text: String) throws { try send(raw: Array(text.utf8)) }

    /// Sends bytes as they are.
    public func send(raw bytes: [UInt8]) throws {
        let deadline = ContinuousClock.now + timeout
        let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress.map { $0 + sent }, bytes.count - sent, flags)
            }
            if count >= 0 {
                sent += count
            } else if errno == EAGAIN {
                guard try UnixSocket.wait(descriptor, for: POLLOUT, until: deadline) else {
                    throw TestFailure("\(bytes.count - sent) bytes could not be sent within \(timeout)")
                }
            } else if errno != EINTR {
                throw UnixSocket.failure("send")
            }
        }
    }

    /// Reads one reply.
    ///
    /// - Throws: ``TestFailure`` when the peer closes or the time is up; `ReplyError` when the bytes are no reply.
    public func read(within limit: Duration? = nil) throws -> RESPValue {
        let deadline = ContinuousClock.now + (limit ?? timeout)
        while true {
            if let reply = try parser.next() { return reply }
            guard let bytes = try receive(until: deadline) else {
                throw TestFailure("no whole reply within \(limit ?? timeout)")
            }
            guard !bytes.isEmpty else { throw TestFailure("the peer closed the connection before it replied") }
            parser.append(bytes)
        }
    }

    /// Reads until the peer closes, and returns all bytes that came. It is not to be used after ``read(within:)``.
    public func readToEnd() throws -> [UInt8] {
        let deadline = ContinuousClock.now + timeout
        var all: [UInt8] = []
        while let bytes = try receive(until: deadline) {
            if bytes.isEmpty { return all }
            all += bytes
        }
        throw TestFailure("the peer did not close the connection within \(timeout)")
    }

    /// The next bytes; none if the peer has closed; nil if the time is up.
    private func receive(until deadline: ContinuousClock.Instant) throws -> [UInt8]? {
        while try UnixSocket.wait(descriptor, for: POLLIN, until: deadline) {
            var buffer = [UInt8](repeating: 0, count: 65536)
            let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
            if count >= 0 { return Array(buffer.prefix(count)) }
            // A peer that closes with our bytes unread resets the connection.
            if errno == ECONNRESET { return [] }
            if errno != EAGAIN, errno != EINTR { throw UnixSocket.failure("receive") }
        }
        return nil
    }

    private static func encode(_ arguments: [String]) -> [UInt8] {
        var output = OutputBuffer()
        output.appendCommand(argumentCount: arguments.count)
        for argument in arguments { output.appendArgument(argument) }
        return output.withReadable { span in span.indices.map { span[$0] } }
    }
}
