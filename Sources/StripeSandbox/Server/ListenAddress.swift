import ArgumentParser

/// Where the sandbox listens: loopback only, because it asks nobody who they are.
struct ListenAddress: ExpressibleByArgument, CustomStringConvertible, Sendable {
    let host: String
    /// 0 lets the system choose.
    let port: Int

    /// `127.0.0.1:12111`, `localhost:0` or `[::1]:12111`; nil for anything else.
    init?(argument: String) {
        guard let colon = argument.lastIndex(of: ":") else { return nil }
        guard let port = UInt16(argument[argument.index(after: colon)...]) else { return nil }
        switch argument[..<colon] {
        case "localhost":
            host = "127.0.0.1"
        case "[::1]":
            host = "::1"
        case let name:
            let bytes = name.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
            guard bytes.count == 4, bytes[0] == 127, !bytes.contains(nil) else { return nil }
            host = String(name)
        }
        self.port = Int(port)
    }

    /// The address with the port the system gave.
    init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
