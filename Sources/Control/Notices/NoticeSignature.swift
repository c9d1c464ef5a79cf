import COpenSSL
import Foundation

/// Signs notices as Standard Webhooks states (standardwebhooks.com). The key does not print.
public struct NoticeSignature: Sendable, CustomStringConvertible, CustomReflectable {
    private static let prefix = "whsec_"
    private let key: [UInt8]

    /// Takes a secret: `whsec_` and the key in base64; nil for any other text.
    public init?(secret: String) {
        guard secret.hasPrefix(Self.prefix), let key = Data(base64Encoded: String(secret.dropFirst(Self.prefix.count))),
            !key.isEmpty
        else { return nil }
        self.key = Array(key)
    }

    /// What the receiver compares with: HMAC-SHA256 of the three, in base64 behind the scheme's version.
    ///
    /// - Parameters:
    ///   - id: the notice's name.
    ///   - timestamp: when the attempt was made, in Unix seconds.
    ///   - body: what is posted.
    func text(id: String, timestamp: Int64, body: [UInt8]) -> String {
        let code = authenticationCode(of: Array("\(id).\(timestamp).".utf8) + body)
        return "v1," + Data(code).base64EncodedString()
    }

    /// HMAC with SHA-256 (RFC 2104).
    private func authenticationCode(of message: [UInt8]) -> [UInt8] {
        let block = 64
        var padded = key.count > block ? Self.digest(key) : key
        padded += [UInt8](repeating: 0, count: block - padded.count)
        let inner = Self.digest(padded.map { $0 ^ 0x36 } + message)
        return Self.digest(padded.map { $0 ^ 0x5c } + inner)
    }

    private static func digest(_ bytes: [UInt8]) -> [UInt8] {
        var sum = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
        _ = SHA256(bytes, bytes.count, &sum)
        return sum
    }

    /// Nothing of the key.
    public var description: String { "(signature)" }
    /// Without children, so that `dump` shows nothing.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
