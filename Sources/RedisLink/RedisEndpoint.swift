public import Reactor
internal import Synchronization

/// Where Redis is and how to log in. Shared by all connections to it.
///
/// Names are resolved by `refresh`, which blocks and is called off the data plane; the data plane connects to the
/// addresses that the last refresh found.
public final class RedisEndpoint: Sendable {
    /// How Redis is reached.
    public enum Location: Sendable, Equatable {
        /// A Unix socket.
        case unix(path: String)
        /// TCP, without TLS.
        case tcp(host: String, port: UInt16)
    }

    /// How Redis is reached.
    public let location: Location
    /// The ACL user; nil for the default user.
    let user: String?
    /// The password; nil to log in without. Never printed.
    let password: String?
    /// The logical database, 0 … 15 with Redis's defaults.
    let database: Int
    private let addresses = Mutex<[SocketAddress]>([])

    /// An endpoint; a TCP host is resolved by the first `refresh`.
    public init(location: Location, user: String? = nil, password: String? = nil, database: Int = 0) {
        self.location = location
        self.user = user
        self.password = password
        self.database = database
    }

    /// Looks up the addresses anew. Blocks on the resolver for a TCP host.
    public func refresh() throws(SystemError) {
        let found: [SocketAddress]
        switch location {
        case .unix(let path): found = [try SocketAddress(path: path)]
        case .tcp(let host, let port): found = try SocketAddress.resolve(host: host, port: port)
        }
        addresses.withLock { $0 = found }
    }

    /// The address for connect attempt `attempt`: all of them in turn. Nil before the first refresh.
    func address(attempt: Int) -> SocketAddress? {
        addresses.withLock { $0.isEmpty ? nil : $0[attempt % $0.count] }
    }

    /// For people; holds no secret.
    public var name: String {
        switch location {
        case .unix(let path): "unix://\(path)"
        case .tcp(let host, let port): "redis://\(host):\(port)"
        }
    }
}
