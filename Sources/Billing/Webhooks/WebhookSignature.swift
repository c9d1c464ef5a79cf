/// A `Stripe-Signature` header: when a request was signed, and the signatures, one a secret that is live at Stripe
/// (docs.stripe.com/webhooks/signature). Only scheme `v1` counts; `v0` is a dummy of test mode.
public struct WebhookSignature: Sendable, Equatable {
    /// Makes HMAC-SHA256 of a message with one secret: 32 bytes.
    public typealias Authenticator = (_ message: [UInt8]) -> [UInt8]

    /// No header is longer, in bytes: it has room for all signatures that are looked at.
    public static let longestHeader = 2_048
    /// No more signatures are looked at. Stripe signs with the secret in force and, for 24 hours after a roll, with the
    /// one before (docs.stripe.com/webhooks: "Roll endpoint signing secrets").
    public static let mostSignatures = 16
    /// A signature's characters: 32 bytes in hexadecimal.
    private static let signatureLength = 64

    /// When it was signed, Unix seconds by Stripe's clock.
    public let timestamp: Int64
    /// What may be a signature, as it came.
    let signatures: [[UInt8]]

    /// Reads a header, `t=1767225600,v1=2796…,v1=6e85…`. Items of other schemes are left out.
    public init(header: String) throws(WebhookRefusal) {
        guard !header.isEmpty, header.utf8.count <= Self.longestHeader else { throw .malformed }
        var timestamp: Int64?
        var signatures: [[UInt8]] = []
        for item in header.split(separator: ",", omittingEmptySubsequences: false) {
            let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { continue }
            if parts[0] == "t" {
                guard timestamp == nil, let seconds = Self.seconds(parts[1]) else { throw .malformed }
                timestamp = seconds
            } else if parts[0] == "v1" {
                guard signatures.count < Self.mostSignatures else { throw .malformed }
                signatures.append(Array(parts[1].utf8))
            }
        }
        guard let timestamp else { throw .malformed }
        guard !signatures.isEmpty else { throw .noSignature }
        self.timestamp = timestamp
        self.signatures = signatures
    }

    /// Makes sure that somebody who knows one of the secrets signed this body, and not long ago.
    ///
    /// Stripe signs `TIMESTAMP.BODY` (docs.stripe.com/webhooks/signature), the body as the bytes that came. Its SDKs
    /// refuse only what is too old; a future time is refused too, since whoever got hold of such a request could send
    /// it again for longer. Hexadecimal must be lower case, as Stripe's Python SDK has it.
    ///
    /// - Parameters:
    ///   - secrets: what each known secret makes of a message.
    ///   - now: Unix seconds.
    ///   - tolerance: seconds that `now` may be away from the timestamp, in either direction.
    public func check(
        _ body: [UInt8], secrets: [Authenticator], now: Int64, tolerance: Int64
    ) throws(WebhookRefusal) {
        let message = Array("\(timestamp).".utf8) + body
        var fits = false
        // All are compared whatever was found: the time that it takes tells nothing.
        for secret in secrets {
            let expected = Self.hexadecimal(secret(message))
            for signature in signatures { fits = Self.isEqual(signature, expected) || fits }
        }
        guard fits else { throw .mismatch }
        guard timestamp >= now - tolerance else { throw .stale }
        guard timestamp <= now + tolerance else { throw .early }
    }

    /// Digits alone, few enough for sums with any clock.
    private static func seconds(_ text: Substring) -> Int64? {
        guard (1...12).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int64(text)
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> [UInt8] {
        let digits = Array("0123456789abcdef".utf8)
        return bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    }

    /// Takes equally long wherever they differ. Their lengths are no secret.
    private static func isEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == signatureLength, right.count == signatureLength else { return false }
        var difference: UInt8 = 0
        for index in 0..<signatureLength { difference |= left[index] ^ right[index] }
        return difference == 0
    }
}
