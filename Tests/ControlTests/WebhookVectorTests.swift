import Billing
import Foundation
import RedisLink
import Testing

@testable import Control

/// Signatures as Stripe makes them: HMAC-SHA256 by the whole secret, made with Python's `hmac`, and those of the
/// contract data, which `STRIPE_CONTRACT_DIR` names.
@Suite struct WebhookVectorTests {
    private static let contractFolder = ProcessInfo.processInfo.environment["STRIPE_CONTRACT_DIR"]
    /// Says it once for the whole run.
    private static let notice: Void = print(
        "STRIPE_CONTRACT_DIR is not set: signatures are not checked against Stripe's.")

    private static let own: [(secret: String, body: [UInt8], code: String)] = [
        (
            "whsec_tollgate_one", Array("{\"id\":\"evt_1\"}".utf8),
            "5972107465cca7923d6d58f4e01da917bc79a6aed3732c48f8cf38e550a6384d"
        ),
        (
            "whsec_tollgate_two", Array("{\"id\":\"evt_1\"}".utf8),
            "f03a599f1ddcc71d37b72659937485b8280eac7ba9a145aaeec97f35192dbbec"
        ),
        (
            "whsec_tollgate_one", [0xff, 0x00] + Array(" bytes".utf8),
            "5c8c472c2b91f693678c3805b16b48650dcff1476f79de05a3bbce3cdcc69e0c"
        ),
        ("whsec_tollgate_one", [], "1329e4e85dab8d8a8c3fe6fa39b1c1a48491925b8346a39290e7b197fb98a593"),
    ]

    private func verdict(
        _ header: String, _ body: [UInt8], secrets: [String], now: Int64
    ) -> String {
        do throws(WebhookRefusal) {
            try WebhookSignature(header: header).check(
                body, secrets: secrets.compactMap { WebhookSecret($0)?.authenticator }, now: now, tolerance: 300)
            return "ok"
        } catch {
            return switch error {
            case .malformed: "malformed"
            case .noSignature: "no_v1"
            case .mismatch: "mismatch"
            case .stale: "stale"
            case .early: "early"
            }
        }
    }

    @Test func `signatures that Python made are taken with their secret and no other`() {
        for (secret, body, code) in Self.own {
            let header = "t=1800000000,v1=\(code)"
            #expect(verdict(header, body, secrets: [secret], now: 1_800_000_000) == "ok")
            #expect(verdict(header, body, secrets: ["whsec_x", secret], now: 1_800_000_000) == "ok")
            #expect(verdict(header, body, secrets: ["whsec_x"], now: 1_800_000_000) == "mismatch")
        }
    }

    private struct Vectors: Decodable {
        struct Vector: Decodable {
            let name: String
            let header: String
            let secrets: [String]
            let expect: String
        }

        let body: String
        let now: Int64
        let vectors: [Vector]
    }

    @Test func `each vector of the contract data has its verdict`() throws {
        guard let folder = Self.contractFolder, !folder.isEmpty else { return Self.notice }
        let file = URL(fileURLWithPath: folder).appendingPathComponent("events/signature-vectors.json")
        let vectors = try JSONDecoder().decode(Vectors.self, from: Data(contentsOf: file))
        #expect(!vectors.vectors.isEmpty)
        for vector in vectors.vectors {
            let found = verdict(vector.header, Array(vectors.body.utf8), secrets: vector.secrets, now: vectors.now)
            // Where the libraries differ, the vector begins with what Python's says.
            #expect(vector.expect.split(separator: " ").first.map { String($0) } == found, "\(vector.name)")
        }
    }

    @Test func `every event of the contract data can be read`() throws {
        guard let folder = Self.contractFolder, !folder.isEmpty else { return Self.notice }
        let events = URL(fileURLWithPath: folder).appendingPathComponent("events")
        let names = try FileManager.default.contentsOfDirectory(atPath: events.path).filter {
            $0.hasSuffix(".json") && $0 != "signature-vectors.json"
        }
        #expect(names.count > 30)
        for name in names {
            let bytes = Array(try Data(contentsOf: events.appendingPathComponent(name)))
            let body = try #require(WebhookBody(bytes), "\(name)")
            #expect(name.hasPrefix(body.type), "\(name)")
            guard WebhookTopic(type: body.type) == .invoice else { continue }
            #expect(body.event.object.hasPrefix("in_") && body.event.customer.hasPrefix("cus_"), "\(name)")
            #expect(body.event.cause == "subscription_cycle", "\(name)")
        }
    }

    @Test func `a secret does not print, and a blank one is none`() throws {
        let secret = try #require(WebhookSecret("whsec_hidden"))
        var dumped = ""
        dump(secret, to: &dumped)
        #expect(!"\(secret) \(String(reflecting: secret)) \(dumped)".contains("hidden"))
        #expect(WebhookSecret("") == nil)
    }
}
