/// A parsed `redis.url`.
struct RedisURL: Equatable {
    /// Why a text is not one.
    enum Problem: Error, Equatable {
        case password
        case unsupported(scheme: String)
        case malformed
    }

    static let allowed = "managed, unix:///path[?db=0] or redis://[user@]host[:6379][/0]"
    private static let laterSchemes = ["rediss", "redis+sentinel", "redis+cluster"]

    let location: RedisLocation
    let user: String?

    init(_ text: String) throws(Problem) {
        if text == "managed" {
            (location, user) = (.managed, nil)
            return
        }
        guard let schemeEnd = text.firstRange(of: "://") else { throw .malformed }
        let scheme = String(text[..<schemeEnd.lowerBound])
        var rest = text[schemeEnd.upperBound...]
        // Looked for before anything else, so that no message ever repeats a password.
        let authority = rest.prefix { $0 != "/" }
        if let at = authority.lastIndex(of: "@"), authority[..<at].contains(":") { throw .password }
        if RedisURL.laterSchemes.contains(scheme) { throw .unsupported(scheme: scheme) }
        switch scheme {
        case "unix":
            user = nil
            location = try RedisURL.unix(rest)
        case "redis":
            user = try RedisURL.takeUser(&rest)
            location = try RedisURL.tcp(rest)
        default:
            throw .malformed
        }
    }

    private static func unix(_ text: Substring) throws(Problem) -> RedisLocation {
        let parts = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard let path = parts.first, path.hasPrefix("/"), path.utf8.count > 1 else { throw .malformed }
        guard parts.count == 2 else { return .unix(path: String(path), database: 0) }
        guard parts[1].hasPrefix("db="), let database = database(parts[1].dropFirst(3)) else { throw .malformed }
        return .unix(path: String(path), database: database)
    }

    private static func takeUser(_ rest: inout Substring) throws(Problem) -> String? {
        guard let at = rest.firstIndex(of: "@") else { return nil }
        let user = rest[..<at]
        rest = rest[rest.index(after: at)...]
        guard !user.isEmpty, user.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else { throw .malformed }
        return String(user)
    }

    private static func tcp(_ text: Substring) throws(Problem) -> RedisLocation {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let authority = String(parts[0])
        let hasPort = authority.hasSuffix("]") ? false : authority.contains(":")
        guard let address = ListenAddress(hasPort ? authority : authority + ":6379") else { throw .malformed }
        guard parts.count == 2, !parts[1].isEmpty else {
            return .tcp(host: address.host, port: address.port, database: 0)
        }
        guard let database = database(parts[1]) else { throw .malformed }
        return .tcp(host: address.host, port: address.port, database: database)
    }

    private static func database(_ text: Substring) -> Int? {
        guard text.utf8.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }) else { return nil }
        return Int(text).flatMap { $0 <= 65_535 ? $0 : nil }
    }
}
