internal import CLinux
internal import Glibc

/// What one read or write came to.
public enum Transfer: Equatable {
    /// So many bytes moved.
    case moved(Int)
    /// Nothing now: wait for readiness.
    case wouldBlock
    /// The peer closed its side (reading), or the connection is gone.
    case closed
}

/// A connected or connecting non-blocking stream socket. Owned by one loop.
public final class StreamSocket {
    /// The socket, for the loop to watch.
    public let descriptor: FileDescriptor

    /// Takes over an accepted socket.
    public init(descriptor: consuming FileDescriptor) {
        self.descriptor = descriptor
    }

    /// Starts to connect. Writable once it has; then ask `connectError`.
    public static func connecting(to address: SocketAddress) throws(SystemError) -> StreamSocket {
        let flags = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let number = socket(address.family, flags, 0)
        guard number >= 0 else { throw SystemError("socket") }
        let connection = StreamSocket(descriptor: FileDescriptor(owning: number))
        if address.family != AF_UNIX {
            var one: Int32 = 1
            // Losing either option costs latency or a late notice, not correctness.
            setsockopt(number, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
            setsockopt(number, SOL_SOCKET, SO_KEEPALIVE, &one, socklen_t(MemoryLayout<Int32>.size))
        }
        let status = address.withSockaddr { connect(number, $0, $1) }
        if status != 0 {
            let error = SystemError("connect", subject: address.description)
            guard error.number == EINPROGRESS else { throw error }
        }
        return connection
    }

    /// Why a connect that became writable failed; nil if it succeeded.
    public func connectError(_ address: SocketAddress) -> SystemError? {
        var number: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(descriptor.number, SOL_SOCKET, SO_ERROR, &number, &length) == 0 else {
            return SystemError("getsockopt")
        }
        return number == 0 ? nil : SystemError("connect", errno: number, subject: address.description)
    }

    /// Reads what is there, at most `buffer.count` bytes.
    public func read(into buffer: UnsafeMutableRawBufferPointer) -> Transfer {
        while true {
            let count = Glibc.read(descriptor.number, buffer.baseAddress, buffer.count)
            if count > 0 { return .moved(count) }
            if count == 0 { return .closed }
            switch tollgate_errno() {
            case EINTR: continue
            case EAGAIN: return .wouldBlock
            default: return .closed
            }
        }
    }

    /// Writes what the kernel takes now.
    public func write(_ buffer: UnsafeRawBufferPointer) -> Transfer {
        while true {
            let count = send(descriptor.number, buffer.baseAddress, buffer.count, Int32(MSG_NOSIGNAL))
            if count >= 0 { return .moved(count) }
            switch tollgate_errno() {
            case EINTR: continue
            case EAGAIN: return .wouldBlock
            default: return .closed
            }
        }
    }

    /// Tells the peer that nothing more will be written.
    public func finishWriting() {
        _ = shutdown(descriptor.number, Int32(SHUT_WR))
    }
}
