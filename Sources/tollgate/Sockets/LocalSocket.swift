import Glibc

/// A blocking connection over a Unix socket. It owns the descriptor and closes it when it goes.
struct LocalSocket: ~Copyable {
    private let descriptor: Int32

    deinit { close(descriptor) }

    /// Connects.
    ///
    /// - Parameter timeout: the longest that this, and later each single send or receive, waits; whole seconds, 1 or
    ///   more.
    init(connectingTo path: String, timeoutSeconds timeout: Int) throws(LocalSocketError) {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw LocalSocketError(number: errno) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let capacity = MemoryLayout.size(ofValue: address.sun_path)
        guard path.utf8.count < capacity else { throw LocalSocketError(number: ENAMETOOLONG) }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        // The send timeout also bounds connect, which waits while the listener's backlog is full.
        var limit = timeval(tv_sec: timeout, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        for option in [SO_SNDTIMEO, SO_RCVTIMEO] {
            guard setsockopt(descriptor, SOL_SOCKET, option, &limit, size) == 0 else {
                throw LocalSocketError(number: errno)
            }
        }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else { throw LocalSocketError(number: errno) }
    }

    /// Sends everything.
    borrowing func send(_ bytes: [UInt8]) throws(LocalSocketError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                throw LocalSocketError(number: errno)
            }
        }
    }

    /// The next bytes; none when the peer has closed.
    borrowing func receive() throws(LocalSocketError) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count >= 0 { return Array(buffer.prefix(count)) }
            if errno != EINTR { throw LocalSocketError(number: errno) }
        }
    }
}
