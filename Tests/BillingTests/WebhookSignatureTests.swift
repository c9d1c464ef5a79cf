import Testing

@testable import Billing

/// What is read of a header and how it is judged; the codes themselves are held against vectors beside the HMAC.
@Suite struct WebhookSignatureTests {
    /// Stands for HMAC: 32 bytes that depend on the secret and the message.
    private static func authenticator(_ secret: UInt8) -> WebhookSignature.Authenticator {
        { message in (0..<32).map { UInt8($0) &* 7 &+ message.reduce(secret) { $0 &* 31 &+ $1 } } }
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private static let body = Array("{\"id\":\"evt_1\"}".utf8)
    private static let now: Int64 = 1_800_000_000

    private static func code(_ secret: UInt8 = 1, at timestamp: Int64 = now) -> String {
        hexadecimal(authenticator(secret)(Array("\(timestamp).".utf8) + body))
    }

    /// Nil for a signature that is taken.
    private func refusal(
        _ header: String, secrets: [UInt8] = [1], now: Int64 = now, body: [UInt8] = body
    ) -> WebhookRefusal? {
        do throws(WebhookRefusal) {
            try WebhookSignature(header: header).check(
                body, secrets: secrets.map(Self.authenticator), now: now, tolerance: 300)
            return nil
        } catch {
            return error
        }
    }

    @Test func `a signature that one of the secrets makes is taken, wherever it stands`() {
        let (now, good) = (Self.now, Self.code())
        let other = String(repeating: "0", count: 64)
        for header in [
            "t=\(now),v1=\(good)", "v1=\(good),t=\(now)", "t=\(now),v1=\(other),v1=\(good)",
            "t=\(now),v1=\(good),v1=\(other),v0=x,v2=y,z", "t=\(now),v1=,v1=short,v1=\(good)",
        ] {
            #expect(refusal(header) == nil, "\(header)")
        }
        #expect(refusal("t=\(now),v1=\(good)", secrets: [9, 1]) == nil)
        #expect(refusal("t=\(now),v1=\(Self.code(9)),v1=\(good)", secrets: [9]) == nil)
    }

    @Test func `a signature of another secret, body or time is not taken, and none counts without a secret`() {
        let good = "t=\(Self.now),v1=\(Self.code())"
        #expect(refusal(good, secrets: [2]) == .mismatch)
        #expect(refusal(good, secrets: []) == .mismatch)
        #expect(refusal(good, body: Self.body + [0]) == .mismatch)
        #expect(refusal("t=\(Self.now - 1),v1=\(Self.code())") == .mismatch)
        #expect(refusal("t=\(Self.now),v1=\(Self.code().dropLast())") == .mismatch)
        #expect(refusal("t=\(Self.now),v1=\(Self.code())0") == .mismatch)
    }

    @Test func `hexadecimal in capitals is not taken, as Stripe's Python library has it`() {
        #expect(Self.code().contains { $0.isLetter })
        #expect(refusal("t=\(Self.now),v1=\(Self.code().uppercased())") == .mismatch)
    }

    @Test func `only version 1 counts`() {
        #expect(refusal("t=\(Self.now),v0=\(Self.code())") == .noSignature)
        #expect(refusal("t=\(Self.now), v1=\(Self.code())") == .noSignature)
    }

    @Test func `the tolerance holds to both sides, its edges included`() {
        for (offset, expected) in [
            (-301, WebhookRefusal.stale), (-300, nil), (0, nil), (300, nil), (301, .early),
        ] as [(Int64, WebhookRefusal?)] {
            let timestamp = Self.now + offset
            #expect(refusal("t=\(timestamp),v1=\(Self.code(at: timestamp))") == expected, "\(offset)")
        }
        #expect(refusal("t=\(Self.now - 999),v1=\(Self.code(2))") == .mismatch, "its time is not told without a secret")
    }

    @Test func `a header that cannot be read is refused`() {
        let good = Self.code()
        let many = Array(repeating: "v1=\(good)", count: WebhookSignature.mostSignatures + 1).joined(separator: ",")
        for header in [
            "", ",", "=", "v1=\(good)", "t=,v1=\(good)", "t=x,v1=\(good)", "t=-1,v1=\(good)", "t=+1,v1=\(good)",
            "t=1 ,v1=\(good)", "t=1800000000000,v1=\(good)", "t=\(Self.now),t=\(Self.now),v1=\(good)",
            "t=\(Self.now)," + many, "t=\(Self.now),v1=\(good),x=" + String(repeating: "y", count: 2048),
        ] {
            #expect(refusal(header) == .malformed, "\(header)")
        }
    }
}
