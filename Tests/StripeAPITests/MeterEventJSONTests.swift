import Foundation
import TestSupport
import Testing

@testable import StripeAPI

@Suite struct MeterEventJSONTests {
    @Test func `an event is written with its payload in the order of its keys`() {
        let text = String(decoding: MeterEventJSON.body(makeEvent("i1", value: "12")), as: UTF8.self)
        #expect(
            text == #"{"event_name":"messages","identifier":"i1","payload":{"stripe_customer_id":"cus_1","#
                + #""value":"12"},"timestamp":"2027-01-15T08:00:00Z"}"#)
    }

    @Test func `whatever a text holds comes out of the JSON as it went in`() throws {
        let texts = [
            "\"\\/\u{8}\u{c}\n\r\t", String(decoding: Array(UInt8(0)...0x7F), as: UTF8.self), "é€😀\u{2028}\u{7F}", "",
        ]
        for text in texts {
            let event = MeterEventRequest(
                eventName: text, customer: "c", timestamp: 0, identifier: text, payload: [text: text])
            let json = try JSONSerialization.jsonObject(with: Data(MeterEventJSON.body([event, event])))
            let rows = try #require((json as? [String: [[String: Any]]])?["events"])
            #expect(rows.count == 2)
            for row in rows {
                #expect(row["event_name"] as? String == text && row["identifier"] as? String == text)
                #expect(row["payload"] as? [String: String] == [text: text])
            }
        }
    }

    @Test func `instants are written as the system's own formatter writes them and read back`() throws {
        let formatter = ISO8601DateFormatter()
        var random = SeededRandom(seed: 7)
        let edges: [Int64] = [
            0, 951_782_399, 951_782_400, 951_868_800, 1_709_164_800, 4_107_542_399, 4_107_542_400, 253_402_300_799,
        ]
        let others = (0..<2_000).map { _ in Int64.random(in: RFC3339.writable, using: &random) }
        for seconds in edges + others {
            var bytes: [UInt8] = []
            RFC3339.append(seconds, to: &bytes)
            let text = String(decoding: bytes, as: UTF8.self)
            #expect(text == formatter.string(from: Date(timeIntervalSince1970: Double(seconds))))
            #expect(RFC3339.seconds(text) == seconds)
        }
    }

    @Test(
        arguments: [
            ("2027-01-15T08:00:00.123456Z", 1_800_000_000), ("2027-01-15T08:00:00.Z", 1_800_000_000),
            ("2027-01-15T08:00:00", nil), ("2027-01-15T08:00:00+00:00", nil), ("2027-13-15T08:00:00Z", nil),
            ("2027-01-15 08:00:00Z", nil), ("2027-01-15T24:00:00Z", nil), ("x", nil), ("", nil),
            ("2027-01-15T08:00:00,5Z", nil), ("2027-01-15T08:00:0éZ", nil),
        ] as [(String, Int64?)])
    func `an instant may have a fraction and must be in UTC`(text: String, seconds: Int64?) {
        #expect(RFC3339.seconds(text) == seconds)
    }

    @Test(arguments: [-1, 253_402_300_800])
    func `an instant that cannot be written is refused and not sent`(timestamp: Int64) async throws {
        var event = makeEvent()
        event.timestamp = timestamp
        let transport = RecordingTransport(json: Fixture.eventV2)
        let refused = event
        let error = await #expect(throws: StripeError.self) {
            try await makeClient(transport).createMeterEventV2(refused, idempotencyKey: "k")
        }
        #expect(error?.code == "tollgate_invalid_argument" && transport.requests.isEmpty)
    }
}
