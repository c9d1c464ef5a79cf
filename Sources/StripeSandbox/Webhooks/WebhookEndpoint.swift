import FoundationEssentials

/// Where events are posted: a webhook endpoint of the API, or a destination of thin events.
struct WebhookEndpoint: Codable, Sendable {
    /// A signing secret, whole with its `whsec_`. It does not print.
    struct Secret: Codable, Sendable, CustomStringConvertible {
        let text: String
        /// When it stops signing; nil for the newest.
        var expiresAt: Int?

        static func random() -> String { RandomID.make("whsec_", length: 32) }

        var description: String { "(secret)" }
    }

    let id: String
    let created: Int
    var url: String
    /// Types, or groups with `*` at their end.
    var events: [String]
    /// The version of the bodies of its snapshot events, fixed at its creation (docs.stripe.com/webhooks/versioning).
    let version: String
    /// Whether it gets thin events, or snapshots.
    let isThin: Bool
    /// The newest first. After a roll the old one goes on signing for a while
    /// (docs.stripe.com/webhooks, "Roll endpoint signing secrets").
    var secrets: [Secret]
    var isEnabled = true
    var isVersionGiven = false
    var description: String?
    var metadata: [String: String] = [:]

    var apiVersion: APIVersion { APIVersion(rawValue: version) ?? .accountDefault }

    func wants(_ type: String, isThin: Bool) -> Bool {
        isEnabled && isThin == self.isThin && events.contains { Event.isMeant(type, by: $0) }
    }

    /// The most endpoints an account may have: 16 (docs.stripe.com/webhooks).
    static let maximumCount = 16
    /// How long the old secret of a roll may live: 24 hours (docs.stripe.com/webhooks).
    static let longestOverlapSeconds = 86_400

    /// - Throws: what is wrong with an address. Only loopback is posted to: the sandbox must reach nobody else.
    static func check(url text: String) throws(ControlError) {
        let isPlain = text.utf8.allSatisfy { (0x21...0x7e).contains($0) }
        let url = URL(string: text)
        let host = url?.host ?? ""
        let parts = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        let isNumber = parts.count == 4 && parts[0] == 127 && !parts.contains(nil)
        let isLoopback = isNumber || ["localhost", "::1", "[::1]"].contains(host)
        guard isPlain, text.utf8.count <= 2_048, url?.scheme == "http", url?.user == nil, isLoopback else {
            throw ControlError("url must be http:// and a loopback address: the sandbox posts to no other")
        }
    }

    /// - Throws: what is wrong with a list of types.
    static func check(events: [String]) throws(ControlError) {
        guard !events.isEmpty, events.count <= 300 else { throw ControlError("name 1 to 300 events, or *") }
        let bad = events.first { event in
            let name = event.last == "*" ? event.dropLast() : event[...]
            let isName = name.utf8.allSatisfy {
                (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2e || $0 == 0x5f
            }
            return !isName || event.isEmpty || event.utf8.count > 100
        }
        if let bad { throw ControlError("'\(bad)' is no type of an event, nor a group of them") }
    }
}
