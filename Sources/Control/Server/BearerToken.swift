import COpenSSL

/// The secret that a caller over TCP shows. It does not print.
struct BearerToken: Sendable, CustomStringConvertible, CustomReflectable {
    private let bytes: [UInt8]

    init(_ text: String) { bytes = Array(text.utf8) }

    /// Whether the header's value is `Bearer` and this token. Takes equally long for every wrong token of one length.
    func isShown(in header: String?) -> Bool {
        guard let parts = header?.split(separator: " ", maxSplits: 1), parts.count == 2,
            parts[0].lowercased() == "bearer"
        else { return false }
        let shown = Array(parts[1].utf8)
        return shown.count == bytes.count && CRYPTO_memcmp(shown, bytes, bytes.count) == 0
    }

    var description: String { "(token)" }
    var customMirror: Mirror { Mirror(self, children: [:]) }
}
