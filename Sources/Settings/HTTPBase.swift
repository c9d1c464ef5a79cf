import Foundation

/// Checks of what goes into requests to Stripe.
enum HTTPBase {
    /// A URL that something signed may be posted to: https, or http on a loopback address, or http anywhere if that is
    /// said to be wanted. Nil if it is none.
    static func endpoint(_ text: String, mayBePlain: Bool) -> String? {
        guard text.utf8.count <= 2048, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }),
            let url = URLComponents(string: text), let host = url.host, !host.isEmpty, url.user == nil,
            url.password == nil, url.fragment == nil,
            url.scheme == "https" || (url.scheme == "http" && (mayBePlain || isLoopback(host)))
        else { return nil }
        return text
    }

    /// A base URL without a slash at its end; nil if it is not one that a secret key may be sent to: https, or http on
    /// a loopback address.
    static func normalized(_ text: String) -> String? {
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }), let url = URLComponents(string: text),
            let host = url.host, !host.isEmpty, url.user == nil, url.password == nil, url.query == nil,
            url.fragment == nil
        else { return nil }
        guard url.scheme == "https" || (url.scheme == "http" && isLoopback(host)) else { return nil }
        return text.hasSuffix("/") ? String(text.dropLast()) : text
    }

    /// `2026-10-28.endive`, or a date alone as versions before 2024 were named.
    static func isStripeVersion(_ text: String) -> Bool {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let date = parts[0].split(separator: "-", omittingEmptySubsequences: false)
        guard date.map({ $0.utf8.count }) == [4, 2, 2],
            date.allSatisfy({ $0.utf8.allSatisfy { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") } })
        else { return false }
        guard parts.count == 2 else { return true }
        return !parts[1].isEmpty
            && parts[1].utf8.allSatisfy { $0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "z") }
    }

    private static func isLoopback(_ host: String) -> Bool {
        if ["localhost", "::1", "[::1]"].contains(host) { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
