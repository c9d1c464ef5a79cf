import Foundation
import Glibc
import Synchronization
import TestSupport

/// A real Unix socket that answers each connection's first request with the next of some given bytes, then closes.
final class ScriptedPeer: Sendable {
    /// One answer, in the pieces in which it is written.
    typealias Answer = [String]

    let path: String
    private let directory: TemporaryDirectory
    private let listener: Int32
    private let received = Mutex<[String]>([])

    /// - Parameters:
    ///   - answers: one a connection that sends anything; further connections are closed unanswered.
    ///   - ending: what the last bytes of a request are.
    init(answers: [Answer], requestsEndWith ending: String = "\r\n") throws {
        directory = try TemporaryDirectory()
        path = directory.file("peer.sock")
        listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard listener >= 0, result == 0, listen(listener, 16) == 0 else {
            throw TestFailure("could not listen at \(path): \(String(cString: strerror(errno)))")
        }
        let accepting = listener
        Thread.detachNewThread { [weak self] in
            var rest = answers[...]
            while true {
                let connection = accept(accepting, nil, nil)
                guard connection >= 0 else { break }
                guard let request = Self.read(connection, until: ending) else {
                    close(connection)
                    continue
                }
                self?.received.withLock { $0.append(request) }
                for piece in rest.popFirst() ?? [] { Self.write(piece, to: connection) }
                close(connection)
            }
            close(accepting)
        }
    }

    deinit {
        // Ends the accept of the thread, which then closes the socket.
        shutdown(listener, Int32(SHUT_RDWR))
    }

    /// What was asked so far.
    var requests: [String] { received.withLock { $0 } }

    /// Nil for a connection that was closed without a whole request.
    private static func read(_ connection: Int32, until ending: String) -> String? {
        var bytes: [UInt8] = []
        while !bytes.reversed().starts(with: ending.utf8.reversed()) {
            var buffer = [UInt8](repeating: 0, count: 4096)
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { return nil }
            bytes += buffer.prefix(count)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func write(_ text: String, to connection: Int32) {
        let bytes = Array(text.utf8)
        _ = send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }
}
