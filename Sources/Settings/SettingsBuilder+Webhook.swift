import Foundation

/// Where Stripe's events come in, and by what they are known as Stripe's.
extension SettingsBuilder {
    private static let mostSecrets = 8

    func webhook(secret: SecretReading) -> WebhookSettings {
        let listen: ListenAddress?? = reader.parsed(.webhookListen, allowed: "off, or host:port (127.0.0.1:8787)") {
            text in text == "off" ? .some(nil) : ListenAddress(text).map { .some($0) }
        }
        return WebhookSettings(
            listen: listen ?? ListenAddress(host: "127.0.0.1", port: 8787),
            // Stripe's libraries allow five minutes (docs.stripe.com/webhooks: "Preventing replay attacks").
            tolerance: reader.duration(
                .webhookTolerance, default: .seconds(300), in: .seconds(1)...(.seconds(3_600))),
            secrets: webhookSecrets(secret))
    }

    private func webhookSecrets(_ reading: SecretReading) -> [Secret] {
        guard let secret = reading.secret else { return [] }
        let parts = secret.reveal().split(separator: ",", omittingEmptySubsequences: false).map {
            $0.trimmingCharacters(in: .whitespaces)
        }
        // With a blank one anybody could sign.
        guard parts.count <= Self.mostSecrets, parts.allSatisfy(Self.isWebhookSecret) else {
            reader.problems.add(
                .environment(variable: SecretName.stripeWebhookSecret.rawValue),
                "must be signing secrets of endpoints at Stripe, whsec_ and more, at most \(Self.mostSecrets) of them "
                    + "separated by commas")
            return []
        }
        return parts.map { Secret($0) }
    }

    private static func isWebhookSecret(_ text: String) -> Bool {
        text.hasPrefix("whsec_") && (14...255).contains(text.utf8.count)
            && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f }
    }
}
