import HTTPLink
import StripeAPI
import Synchronization
import Testing

/// Stands in for Stripe at the transport, for reads: answers a path with the JSON that the test has put there.
final class ScriptedReads: StripeTransport {
    private let answers = Mutex<[String: String]>([:])

    subscript(path: String) -> String? {
        get { answers.withLock { $0[path] } }
        set { answers.withLock { $0[path] = newValue } }
    }

    func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        let path = request.url.drop { $0 != "/" }.dropFirst(2).drop { $0 != "/" }.prefix { $0 != "?" }
        guard let text = self[String(path)] else {
            let error = "{\"error\":{\"type\":\"invalid_request_error\",\"message\":\"No such path: \(path)\"}}"
            return HTTPResponse(status: 404, body: Array(error.utf8))
        }
        return HTTPResponse(status: 200, body: Array(text.utf8))
    }

    /// A client that reads from here.
    func client() throws -> StripeClient {
        StripeClient(
            configuration: StripeConfiguration(
                apiBase: "http://stripe.test", secretKey: try #require(StripeSecretKey("sk_test_rig")),
                limits: StripeLimits(requestsPerSecond: 10_000),
                appInfo: StripeAppInfo(name: "tollgate", version: "test")),
            transport: self)
    }
}
