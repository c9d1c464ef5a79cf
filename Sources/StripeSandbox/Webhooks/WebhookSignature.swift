import COpenSSL

/// Signs deliveries as Stripe does: `t=<seconds>,v1=<hex>` with HMAC-SHA256 of `<t>.<body>`, the key being the whole
/// secret, one `v1` for each live secret (docs.stripe.com/webhooks, "Verify webhook signatures manually").
enum WebhookSignature {
    static func header(_ body: [UInt8], secrets: [String], at seconds: Int) -> String {
        let message = Array("\(seconds).".utf8) + body
        let codes = secrets.map { ",v1=" + hex(authenticationCode(of: message, key: Array($0.utf8))) }
        return "t=\(seconds)" + codes.joined()
    }

    /// HMAC with SHA-256 (RFC 2104).
    private static func authenticationCode(of message: [UInt8], key: [UInt8]) -> [UInt8] {
        var code = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
        _ = HMAC(EVP_sha256(), key, Int32(key.count), message, message.count, &code, nil)
        return code
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef")
        return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }
}
