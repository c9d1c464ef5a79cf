internal import CLinux
internal import Glibc

/// One datagram to a Unix socket: how a service manager is told of a daemon's state.
public enum DatagramNote {
    /// Sends `text` to `path`; a leading `@` means the abstract namespace.
    public static func send(_ text: String, to path: String) throws(SystemError) {
        let number = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard number >= 0 else { throw SystemError("socket") }
        let descriptor = FileDescriptor(owning: number)
        var address = sockaddr_un()
        var name = Array(path.utf8)
        guard !name.isEmpty, name.count <= SocketAddress.longestPath else {
            throw SystemError("sendto", errno: ENAMETOOLONG, subject: path)
        }
        if name[0] == UInt8(ascii: "@") { name[0] = 0 }
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        let length = socklen_t(MemoryLayout.offset(of: \sockaddr_un.sun_path) ?? 2) + socklen_t(name.count)
        let bytes = Array(text.utf8)
        let sent = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(descriptor.number, bytes, bytes.count, Int32(MSG_NOSIGNAL), $0, length)
            }
        }
        guard sent == bytes.count else { throw SystemError("sendto", subject: path) }
    }
}
