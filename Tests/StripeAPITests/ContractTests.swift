import Foundation
import HTTPLink
import Testing

@testable import StripeAPI

/// Every request the client can make, held against Stripe's own description of its API. The description is not part
/// of this repository: `STRIPE_CONTRACT_DIR` names the folder of `openapi-*.json`.
@Suite struct ContractTests {
    /// The versions that the client can be told to use, and the description of each.
    private static let versions = [
        "2024-12-18.acacia": "openapi-acacia.json",
        "2025-03-31.basil": "openapi-basil-2025-03-31.json",
        "2026-10-28.endive": "openapi-basil-or-newer.json",
    ]

    /// Says it once for the whole run.
    private static let notice: Void = print(
        "STRIPE_CONTRACT_DIR is not set: requests are not checked against Stripe's API description.")

    /// By version; nil without the folder.
    private static func contracts() throws -> [String: StripeContract]? {
        guard let folder = StripeContract.folder else {
            notice
            return nil
        }
        return try versions.mapValues { try StripeContract(Data(contentsOf: folder.appendingPathComponent($0))) }
    }

    /// Every call the client has, with every parameter it can send.
    private func allRequests(version: String) async throws -> [HTTPRequest] {
        let stripe = AnsweringStripe()
        let client = StripeClient(
            configuration: StripeConfiguration(
                apiVersion: version, secretKey: try #require(StripeSecretKey(secretText)), limits: .unbounded,
                appInfo: StripeAppInfo(name: "tollgate", version: "0.1.0")),
            transport: stripe)
        try await sendUsage(client)
        _ = try await client.listMeters(status: "active")
        _ = try await client.listMeters(status: "inactive")
        try await client.retrieveAccountReachable()
        for window in ["hour", "day", nil] {
            let meter = MeterRequest(displayName: "Messages", eventName: "m", eventTimeWindow: window)
            _ = try await client.createMeter(meter, idempotencyKey: "k")
        }
        _ = try await client.subscription("sub_1")
        _ = try await client.subscription("sub_1", isForUsageRecords: true)
        let first = try await client.subscriptionPage(status: "all")
        _ = try await client.subscriptionPage(after: first.next, status: "active")
        _ = try await client.customerPage(after: try await client.customerPage().next)
        _ = try await client.price("price_1")
        _ = try await client.pricePage(after: try await client.pricePage().next)
        _ = try await client.priceIfAny("price_1", isForUsageRecords: true)
        _ = try await client.isInUse(price: "price_1", isForUsageRecords: true)
        _ = try await client.prices(lookupKey: "tollgate_messages")
        _ = try await client.prices(meter: "mtr_1")
        _ = try await client.customersWithSubscriptions(after: "cus_1")
        _ = try await client.makeProduct(id: "tollgate_m", name: "m", metadata: ["a": "b"], idempotencyKey: "k")
        for meter in ["mtr_1", nil] {
            let price = PriceRequest(
                currency: "eur", product: "prod_1", unitAmountDecimal: "0.000000000001", meter: meter,
                lookupKey: "messages", nickname: "Messages", metadata: ["tollgate_meter": "messages"])
            _ = try await client.createPrice(price, idempotencyKey: "k")
        }
        _ = try await client.createProduct(
            name: "Messages", unitLabel: "message", metadata: ["a": "b"], idempotencyKey: "k")
        _ = try await client.invoice("in_1")
        let page = try await client.invoicePage(customer: "cus_1", status: "draft")
        _ = try await client.invoicePage(after: page.next)
        _ = try await client.coreEvent("evt_1")
        return stripe.requests
    }

    private func sendUsage(_ client: StripeClient) async throws {
        let event = MeterEventRequest(
            eventName: String(repeating: "e", count: 100), customer: "cus_1", timestamp: 1_800_000_000,
            identifier: String(repeating: "i", count: 32), payload: ["stripe_customer_id": "cus_1", "value": "7"])
        _ = try await client.createMeterEvent(event, idempotencyKey: String(repeating: "k", count: 255))
        _ = try await client.createMeterEventV2(event, idempotencyKey: String(repeating: "k", count: 255))
        try await client.sendToStream(Array(repeating: event, count: 100))
        _ = try await client.createUsageRecord(
            item: "si_1", quantity: 999_999_999_999_999, timestamp: 1_800_000_000, idempotencyKey: "k")
        _ = try await client.usageRecordSummaries(item: "si_1")
        _ = try await client.eventSummaries(
            meter: "mtr_1", customer: "cus_1", fromHour: 500_000, toHour: 500_001)
    }

    @Test func `no endpoint of the client is left out of these tests`() async throws {
        let requests = try await allRequests(version: StripeConfiguration.newestAPIVersion)
        let called = requests.map { AnsweringStripe.endpoint(of: $0) }
        #expect(!called.contains(nil))
        #expect(Set(called.compactMap(\.self)) == Set(Endpoint.allCases))
    }

    @Test(arguments: versions.keys.sorted())
    func `every request the client makes is one that Stripe's description allows`(version: String) async throws {
        let requests = try await allRequests(version: version)
        guard let contracts = try Self.contracts() else { return }
        for request in requests {
            let named = try #require(request.headers.first { $0.name == "Stripe-Version" }?.value)
            let contract = try #require(contracts[named], "\(named) is no version with a description")
            #expect(contract.version == named)
            #expect(contract.faults(in: request) == [], "\(request)")
        }
    }

    @Test(arguments: versions.keys.sorted())
    func `the configured version is named by all but what is about usage records`(version: String) async throws {
        let acacia = Set(
            try await allRequests(version: version).filter { request in
                request.headers.contains { $0.name == "Stripe-Version" && $0.value != version }
            }.compactMap { AnsweringStripe.endpoint(of: $0) })
        let about: Set<Endpoint> = [
            .createUsageRecord, .listUsageRecordSummaries, .retrieveSubscription, .listSubscriptionItems, .createPrice,
            .retrievePrice, .listSubscriptions,
        ]
        #expect(acacia == (version == StripeConfiguration.usageRecordsAPIVersion ? [] : about))
        #expect(Self.versions[StripeConfiguration.usageRecordsAPIVersion] != nil)
        #expect(Self.versions[StripeConfiguration.newestAPIVersion] != nil)
    }
}
