import Foundation
import HTTPLink
import StripeAPI
import Testing

/// Every request the client can make, held against Stripe's own description of its API. The description is not part
/// of this repository: `STRIPE_CONTRACT_DIR` names the folder of `openapi-basil-or-newer.json`.
@Suite struct ContractTests {
    private static let contractFolder = ProcessInfo.processInfo.environment["STRIPE_CONTRACT_DIR"]

    /// Says it once for the whole run.
    private static let notice: Void = print(
        "STRIPE_CONTRACT_DIR is not set: requests are not checked against Stripe's API description.")

    private static func contract() throws -> StripeContract? {
        guard let contractFolder, !contractFolder.isEmpty else {
            notice
            return nil
        }
        let file = URL(fileURLWithPath: contractFolder).appendingPathComponent("openapi-basil-or-newer.json")
        return try StripeContract(Data(contentsOf: file))
    }

    /// One call of each kind, with every parameter the client can send.
    private func allRequests() async throws -> [HTTPRequest] {
        let list = RecordingTransport([
            .success(
                HTTPResponse(status: 200, body: Array(Fixture.list([Fixture.meter("m")], hasMore: true).utf8))),
            .success(HTTPResponse(status: 200, body: Array(Fixture.list([]).utf8))),
        ])
        _ = try await makeClient(list).listMeters(status: "active")
        _ = try await makeClient(list).listMeters(status: "inactive")
        _ = try await makeClient(list).meters(eventName: "messages")
        try await makeClient(list).retrieveAccountReachable()
        let summaries = RecordingTransport([
            .success(
                HTTPResponse(
                    status: 200, body: Array(Fixture.list([Fixture.summary("s", value: "1")], hasMore: true).utf8))),
            .success(HTTPResponse(status: 200, body: Array(Fixture.list([]).utf8))),
        ])
        _ = try await makeClient(summaries).eventSummaries(
            meter: "mtr_1", customer: "cus_1", fromHour: 500_000, toHour: 500_001)
        let events = RecordingTransport(json: Fixture.event)
        _ = try await makeClient(events).createMeterEvent(
            MeterEventRequest(
                eventName: String(repeating: "e", count: 100), customer: "cus_1", timestamp: 1_800_000_000,
                identifier: String(repeating: "i", count: 32), payload: ["stripe_customer_id": "cus_1", "value": "7"]),
            idempotencyKey: String(repeating: "k", count: 255))
        return list.requests + summaries.requests + events.requests
    }

    @Test func `every request the client makes is one Stripe's description allows`() async throws {
        let requests = try await allRequests()
        #expect(requests.count == 8)
        guard let contract = try Self.contract() else { return }
        #expect(contract.version == StripeConfiguration.newestAPIVersion)
        for request in requests {
            #expect(contract.faults(in: request) == [], "\(request.method) \(request.url)")
        }
    }
}
