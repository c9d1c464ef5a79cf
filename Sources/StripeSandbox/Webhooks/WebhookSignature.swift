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
        let block = 64
        var padded = key.count > block ? digest(key) : key
        padded += [UInt8](repeating: 0, count: block - padded.count)
        let inner = digest(padded.map { $0 ^ 0x36 } + message)
        return digest(padded.map { $0 ^ 0x5c } + inner)
    }

    private static func digest(_ bytes: [UInt8]) -> [UInt8] {
        var sum = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
        _ = SHA256(bytes, bytes.count, &sum)
        return sum
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef")
        return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }
}
