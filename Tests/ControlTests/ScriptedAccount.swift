import Foundation
import HTTPLink
import StripeAPI
import Synchronization

/// Stands in for an account at Stripe at the transport: what it has is listed, found and added to. Objects are JSON
/// text, pages are as long as the test says.
final class ScriptedAccount: StripeTransport {
    /// A POST as it came.
    struct Post: Sendable, Equatable {
        let path: String
        let fields: [String: String]
        let idempotencyKey: String
        let version: String
    }

    private struct State {
        var meters: [String] = []
        var prices: [String: String] = [:]
        var products: Set<String> = []
        var customers: [(id: String, json: String)] = []
        var subscriptions: [(id: String, json: String)] = []
        var posts: [Post] = []
        var versions: [String: String] = [:]
        var reads = 0
        var refusal: HTTPResponse?
        var pageSize = 100
    }

    private let state = Mutex(State())

    /// The POSTs so far.
    var posts: [Post] { state.withLock { $0.posts } }
    /// How many GETs there were.
    var reads: Int { state.withLock { $0.reads } }
    /// The `Stripe-Version` with which a path was read last.
    func version(_ path: String) -> String? { state.withLock { $0.versions[path] } }

    func add(meter: String) { state.withLock { $0.meters.append(meter) } }
    func add(price id: String, _ json: String) { state.withLock { $0.prices[id] = json } }
    func add(customer id: String, _ json: String) { state.withLock { $0.customers.append((id, json)) } }
    func add(subscription id: String, _ json: String) { state.withLock { $0.subscriptions.append((id, json)) } }
    func setPageSize(_ size: Int) { state.withLock { $0.pageSize = size } }
    /// Answers every POST so, and does nothing.
    func refuse(_ response: HTTPResponse?) { state.withLock { $0.refusal = response } }

    func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        let parts = request.url.dropFirst("http://stripe.test".count).split(separator: "?", maxSplits: 1)
        let path = String(parts[0])
        let version = request.headers.first { $0.name == "Stripe-Version" }?.value ?? ""
        if request.method == "GET" {
            let query = Self.fields(parts.count > 1 ? String(parts[1]) : "")
            return state.withLock { state in
                state.reads += 1
                state.versions[path] = version
                return Self.answer(state, path, query)
            }
        }
        let post = Post(
            path: path, fields: Self.fields(String(decoding: request.body, as: UTF8.self)),
            idempotencyKey: request.headers.first { $0.name == "Idempotency-Key" }?.value ?? "", version: version)
        return state.withLock { state in
            state.posts.append(post)
            return state.refusal ?? Self.make(&state, post)
        }
    }

    private static func answer(_ state: State, _ path: String, _ query: [String: String]) -> HTTPResponse {
        switch path {
        case "/v1/billing/meters": return list(state.meters)
        case "/v1/prices":
            let wanted = query["lookup_keys[0]"].map { "\"lookup_key\":\"\($0)\"" }
            let meter = query["recurring[meter]"].map { "\"meter\":\"\($0)\"" }
            return list(
                state.prices.values.filter { json in [wanted, meter].compactMap(\.self).allSatisfy(json.contains) })
        case "/v1/customers": return page(state.customers, state.pageSize, query)
        case "/v1/subscriptions": return page(state.subscriptions, state.pageSize, query)
        default:
            guard let price = state.prices[String(path.dropFirst("/v1/prices/".count))] else {
                return error(404, "resource_missing", "No such price")
            }
            return ok(price)
        }
    }

    private static func make(_ state: inout State, _ post: Post) -> HTTPResponse {
        let fields = post.fields
        switch post.path {
        case "/v1/billing/meters":
            let name = fields["event_name"] ?? ""
            state.meters.append(
                ScriptedStripe.meter(name, window: fields["event_time_window"].map { "\"\($0)\"" } ?? "null"))
            return ok(state.meters.last ?? "")
        case "/v1/products":
            let id = fields["id"] ?? "prod_1"
            guard state.products.insert(id).inserted else {
                return error(400, "resource_already_exists", "Product already exists.")
            }
            return ok(#"{"id":"\#(id)","object":"product","name":"\#(fields["name"] ?? "")"}"#)
        default:
            let id = "price_made\(state.prices.count)"
            let json = price(
                id, currency: fields["currency"] ?? "", amount: fields["unit_amount_decimal"] ?? "",
                meter: fields["recurring[meter]"], lookupKey: fields["lookup_key"])
            state.prices[id] = json
            return ok(json)
        }
    }

    static func price(
        _ id: String, isActive: Bool = true, currency: String = "usd", amount: String = "100",
        interval: String = "month",
        meter: String? = nil, usage: String? = nil, aggregate: String? = nil, lookupKey: String? = nil
    ) -> String {
        let recurring = [
            "\"interval\":\"\(interval)\"", "\"interval_count\":1",
            "\"usage_type\":\"\(usage ?? (meter == nil ? "licensed" : "metered"))\"",
            "\"meter\":\(meter.map { "\"\($0)\"" } ?? "null")",
        ]
        let legacy = aggregate.map { ["\"aggregate_usage\":\"\($0)\""] } ?? []
        return """
            {"id":"\(id)","object":"price","active":\(isActive),
            "currency":"\(currency)","unit_amount_decimal":"\(amount)",
            "recurring":{\((recurring + legacy).joined(separator: ","))},
            "lookup_key":\(lookupKey.map { "\"\($0)\"" } ?? "null")}
            """
    }

    static func subscription(
        _ id: String, price: String, status: String = "active", tenant: String? = nil, anchor: Int64 = 1_767_225_600,
        customer: String = "cus_1"
    ) -> String {
        """
        {"id":"\(id)","object":"subscription","customer":"\(customer)","status":"\(status)",
        "metadata":{\(tenant.map { "\"tenant_id\":\"\($0)\"" } ?? "")},"billing_cycle_anchor":\(anchor),
        "cancel_at_period_end":false,"items":{"object":"list","has_more":false,"data":[{"id":"si_\(id)",
        "object":"subscription_item","price":\(ScriptedAccount.price(price)),
        "current_period_start":1767225600,"current_period_end":1769904000}]}}
        """
    }

    static func customer(_ id: String, tenant: String? = nil, subscriptions: [String] = []) -> String {
        """
        {"id":"\(id)","object":"customer","metadata":{\(tenant.map { "\"tenant_id\":\"\($0)\"" } ?? "")},
        "subscriptions":{"object":"list","has_more":false,"data":[\(subscriptions.joined(separator: ","))]}}
        """
    }

    private static func page(
        _ rows: [(id: String, json: String)], _ size: Int, _ query: [String: String]
    ) -> HTTPResponse {
        let start = query["starting_after"].flatMap { after in rows.firstIndex { $0.id == after } }.map { $0 + 1 } ?? 0
        let part = rows[start...].prefix(size)
        return list(part.map(\.json), hasMore: start + part.count < rows.count)
    }

    private static func list(_ rows: [String], hasMore: Bool = false) -> HTTPResponse {
        ok("{\"object\":\"list\",\"has_more\":\(hasMore),\"data\":[\(rows.joined(separator: ","))]}")
    }

    private static func ok(_ json: String) -> HTTPResponse { HTTPResponse(status: 200, body: Array(json.utf8)) }

    static func error(_ status: Int, _ code: String, _ message: String) -> HTTPResponse {
        let json = "{\"error\":{\"type\":\"invalid_request_error\",\"code\":\"\(code)\",\"message\":\"\(message)\"}}"
        return HTTPResponse(status: status, body: Array(json.utf8))
    }

    private static func fields(_ form: String) -> [String: String] {
        var fields: [String: String] = [:]
        for pair in form.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            fields[String(parts[0]).removingPercentEncoding ?? ""] = String(parts[1]).removingPercentEncoding
        }
        return fields
    }
}
