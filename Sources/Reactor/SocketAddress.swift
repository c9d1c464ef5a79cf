internal import CLinux
internal import Glibc

/// Where a stream socket connects to or listens: a Unix path or a resolved internet address.
public struct SocketAddress: Sendable, Equatable, CustomStringConvertible {
    /// The raw `sockaddr`, as the kernel takes it.
    let bytes: [UInt8]
    let family: Int32
    /// For people: the path, or host and port.
    public let description: String

    /// The longest Unix path the kernel takes, in bytes.
    public static let longestPath = 107

    /// A Unix socket path of 1 to 107 bytes.
    public init(path: String) throws(SystemError) {
        var address = sockaddr_un()
        let utf8 = Array(path.utf8)
        guard !utf8.isEmpty, utf8.count <= Self.longestPath, !utf8.contains(0) else {
            throw SystemError("bind", errno: ENAMETOOLONG, subject: "\(path) (1 to \(Self.longestPath) bytes)")
        }
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: utf8) }
        bytes = withUnsafeBytes(of: &address) { Array($0) }
        family = AF_UNIX
        description = path
    }

    /// Resolves `host` (a name or a literal address). Blocks on the resolver: never call it on the data plane.
    public static func resolve(host: String, port: UInt16) throws(SystemError) -> [SocketAddress] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, String(port), &hints, &list)
        guard status == 0 else {
            throw SystemError(
                "getaddrinfo", errno: EHOSTUNREACH, subject: "\(host) (\(String(cString: gai_strerror(status))))")
        }
        defer { freeaddrinfo(list) }
        var found: [SocketAddress] = []
        var next = list
        while let entry = next {
            if let address = entry.pointee.ai_addr {
                let raw = UnsafeRawBufferPointer(start: address, count: Int(entry.pointee.ai_addrlen))
                found.append(
                    SocketAddress(bytes: Array(raw), family: entry.pointee.ai_family, description: "\(host):\(port)"))
            }
            next = entry.pointee.ai_next
        }
        return found
    }

    private init(bytes: [UInt8], family: Int32, description: String) {
        self.bytes = bytes
        self.family = family
        self.description = description
    }

    /// Calls `body` with the address as the socket calls want it.
    func withSockaddr<R>(_ body: (UnsafePointer<sockaddr>?, socklen_t) -> R) -> R {
        bytes.withUnsafeBytes { raw in
            body(raw.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t(raw.count))
        }
    }
}
