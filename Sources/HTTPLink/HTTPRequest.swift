/// One request as a caller states it. Nothing of it is shown in an error, a print or a dump but the method, the host
/// and the path: the rest may hold secrets.
public struct HTTPRequest: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// `GET`, `POST`, …, in capitals.
    public var method: String
    /// An absolute `http://` or `https://` address. With `unixSocket` its host only becomes the `Host` header.
    public var url: String
    /// Sent in this order. A line break or a NUL in a name or a value is refused before anything is sent.
    public var headers: [(name: String, value: String)]
    /// Sent whole; empty means no body.
    public var body: [UInt8]
    /// From `send` to the last byte of the answer, the wait in the client's own queue included.
    public var deadline: Duration
    /// The path of a Unix socket to connect to instead of the address's host.
    public var unixSocket: String?

    /// A request with no headers and no body unless they are given.
    public init(
        method: String = "GET",
        url: String,
        headers: [(name: String, value: String)] = [],
        body: [UInt8] = [],
        deadline: Duration = .seconds(30),
        unixSocket: String? = nil
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.deadline = deadline
        self.unixSocket = unixSocket
    }

    /// The method, the host and the path.
    public var description: String { label }
    /// The method, the host and the path.
    public var debugDescription: String { label }
    /// Without children, so that `dump` has nothing to show.
    public var customMirror: Mirror { Mirror(self, children: [:]) }

    /// What errors call this request: no query and no user info, since those may hold what must not be printed.
    var label: String {
        let bare = url.prefix { $0 != "?" && $0 != "#" }
        guard let at = bare.lastIndex(of: "@") else { return "\(method) \(bare)" }
        return "\(method) \(bare[bare.index(after: at)...])"
    }
}
