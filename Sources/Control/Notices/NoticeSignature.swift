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
        let code = MessageAuthentication.code(of: Array("\(id).\(timestamp).".utf8) + body, key: key)
        return "v1," + Data(code).base64EncodedString()
    }

    /// Nothing of the key.
    public var description: String { "(signature)" }
    /// Without children, so that `dump` shows nothing.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
