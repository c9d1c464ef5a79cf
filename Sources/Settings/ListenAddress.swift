/// A TCP address to listen on: `127.0.0.1:8700`, `[::1]:8700`, `localhost:8700`.
public struct ListenAddress: Sendable, Equatable, CustomStringConvertible {
    /// A name or an IP address, without brackets.
    public let host: String
    /// 1 to 65535.
    public let port: Int

    /// Takes its parts as they are.
    public init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Nil if the text is not `host:port`. An IPv6 address stands in brackets.
    public init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"),
            let (number, rest) = splitNumber(String(text[text.index(after: colon)...])), rest.isEmpty,
            let port = UInt16(exactly: number), port > 0
        else { return nil }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = String(host.dropFirst().dropLast())
        } else if host.contains(":") {
            return nil
        }
        guard !host.isEmpty, host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && !"[]/@?#".utf8.contains($0) }) else {
            return nil
        }
        self.init(host: host, port: Int(port))
    }

    /// The address as it is written.
    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
