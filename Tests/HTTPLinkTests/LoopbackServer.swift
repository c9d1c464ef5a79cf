import Foundation
import Glibc
import Synchronization

/// A server on a real socket whose every connection is a script: a closure run on a thread of its own. When the
/// script returns, the connection is closed.
final class LoopbackServer: Sendable {
    struct SetupError: Error {
        let call: String
        let code = errno
    }

    let port: UInt16
    private let listener: Int32
    private let accepted = Mutex(0)

    var url: String { "http://127.0.0.1:\(port)" }
    /// How many connections have been made so far.
    var acceptedCount: Int { accepted.withLock { $0 } }

    init(unixPath: String? = nil, script: @escaping @Sendable (ServerConnection) -> Void) throws {
        let listener = socket(unixPath == nil ? AF_INET : AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        guard listener >= 0 else { throw SetupError(call: "socket") }
        let bound = unixPath.map { Self.bindUnix(listener, path: $0) } ?? Self.bindLoopback(listener)
        guard bound == 0, listen(listener, 128) == 0 else {
            close(listener)
            throw SetupError(call: "bind or listen")
        }
        self.listener = listener
        port = Self.boundPort(listener)
        Thread.detachNewThread { [self] in acceptAll(script) }
    }

    /// Takes no further connection; those there are run to the end of their scripts.
    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
    }

    private func acceptAll(_ script: @escaping @Sendable (ServerConnection) -> Void) {
        while true {
            let fd = accept(listener, nil, nil)
            guard fd >= 0 else { break }
            accepted.withLock { $0 += 1 }
            Thread.detachNewThread {
                script(ServerConnection(fd: fd))
                close(fd)
            }
        }
        close(listener)
    }

    /// A port of this machine on which nobody listens.
    static func closedPort() throws -> UInt16 {
        let fd = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard fd >= 0, bindLoopback(fd) == 0 else { throw SetupError(call: "bind") }
        defer { close(fd) }
        return boundPort(fd)
    }

    private static func bindLoopback(_ fd: Int32) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(fd, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    private static func bindUnix(_ fd: Int32, path: String) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(fd, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }

    private static func boundPort(_ fd: Int32) -> UInt16 {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(fd, $0, &length) }
        }
        return UInt16(bigEndian: address.sin_port)
    }
}
