import Foundation
import HTTPLink
import Synchronization

@testable import StripeAPI

/// Stands in for all of Stripe: keeps every request, and answers each endpoint in Stripe's shape. Lists come in two
/// pages, and subscriptions leave items out, so that everything that leads to a further request does.
final class AnsweringStripe: StripeTransport {
    private let recorded = Mutex<[HTTPRequest]>([])

    var requests: [HTTPRequest] { recorded.withLock { $0 } }

    func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        recorded.withLock { $0.append(request) }
        guard let endpoint = Self.endpoint(of: request) else { return HTTPResponse(status: 404) }
        let json = Self.row(endpoint)
        let isList = ["GET"].contains(request.method) && URL(string: request.url)?.query != nil
        let isFirst = !request.url.contains("starting_after")
        return HTTPResponse(status: 200, body: Array((isList ? Fixture.list([json], hasMore: isFirst) : json).utf8))
    }

    /// The endpoint whose method and path a request has, `{}` standing for any part.
    static func endpoint(of request: HTTPRequest) -> Endpoint? {
        guard let path = URL(string: request.url)?.path else { return nil }
        let parts = path.split(separator: "/")
        return Endpoint.allCases.first { endpoint in
            let wanted = endpoint.path(nil).split(separator: "/")
            return endpoint.method == request.method && wanted.count == parts.count
                && zip(wanted, parts).allSatisfy { $0 == $1 || $0 == "{}" }
        }
    }

    private static func row(_ endpoint: Endpoint) -> String {
        switch endpoint {
        case .createMeterEvent: Fixture.event
        case .createMeterEventV2: Fixture.eventV2
        case .createStreamSession: Fixture.session("bearer_1")
        case .sendToStream: "{}"
        case .listMeters, .createMeter: Fixture.meter("mtr_1")
        case .listEventSummaries: Fixture.summary("mes_1", value: "1")
        case .createUsageRecord: Fixture.usageRecord
        case .listUsageRecordSummaries: Fixture.usageRecordSummary
        case .listSubscriptionItems: Fixture.item
        case .retrieveSubscription, .listSubscriptions: Fixture.subscription(hasMoreItems: true)
        case .listCustomers: Fixture.customer
        case .retrievePrice, .listPrices, .createPrice: Fixture.price
        case .createProduct: #"{"id":"prod_1","object":"product","name":"Messages"}"#
        case .retrieveInvoice, .listInvoices: Fixture.invoice
        case .retrieveCoreEvent: Fixture.coreEvent
        }
    }
}
