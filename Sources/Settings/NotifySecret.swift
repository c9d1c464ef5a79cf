import Foundation

/// Checks of secrets as Standard Webhooks writes them.
enum NotifySecret {
    /// How many may sign at once.
    static let most = 4
    static let allowed = "whsec_ and 24 to 64 bytes in base64, at most \(most) of them separated by commas"

    /// The secrets of a list; nil if one of them is none.
    static func parse(_ secret: Secret) -> [Secret]? {
        let parts = secret.reveal().split(separator: ",", omittingEmptySubsequences: false).map {
            $0.trimmingCharacters(in: .whitespaces)
        }
        guard parts.count <= most, parts.allSatisfy(isSecret) else { return nil }
        return parts.map { Secret($0) }
    }

    private static func isSecret(_ text: String) -> Bool {
        guard text.hasPrefix("whsec_"), let key = Data(base64Encoded: String(text.dropFirst("whsec_".count))) else {
            return false
        }
        return (24...64).contains(key.count)
    }
}
