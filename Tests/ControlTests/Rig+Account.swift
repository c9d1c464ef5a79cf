import Foundation
import HTTPLink
import Metering
import RedisLink
import StripeAPI
import Synchronization
import TestSupport
import Testing

@testable import Control

/// The routes of a control plane without a server around them.
struct DirectAPI: Sendable {
    let rig: Rig
    let routes: [ControlRoute]

    /// What one answers, a problem document included.
    func answer(_ path: String, _ body: String, method: String = "POST") async throws -> DirectAnswer {
        let parts = path.split(separator: "?", maxSplits: 1)
        var query: [String: String] = [:]
        for pair in parts.count > 1 ? parts[1].split(separator: "&") : [] {
            let sides = pair.split(separator: "=", maxSplits: 1)
            query[String(sides[0])] = String(sides[1]).removingPercentEncoding
        }
        let route = try #require(routes.first { $0.method == method && $0.match(String(parts[0])) != nil })
        let answer: ControlAnswer
        do {
            answer = try await route.handler(
                ControlRequest(
                    method: method, path: String(parts[0]), query: query, body: Array(body.utf8), actor: "uid:7",
                    parameters: route.match(String(parts[0])) ?? [:]))
        } catch let problem as Problem {
            answer = problem.answer
        }
        return DirectAnswer(
            status: answer.status, json: try JSONDecoder().decode(JSONValue.self, from: Data(answer.body)))
    }
}

/// A clock on which nobody has to wait: sleep moves it on. For one that sleeps at a time.
final class HastyClock: Clock {
    private let state = Mutex(ManualClock.Instant(offset: .zero))

    var now: ManualClock.Instant { state.withLock { $0 } }
    var minimumResolution: Duration { .zero }

    func sleep(until deadline: ManualClock.Instant, tolerance: Duration?) async throws {
        state.withLock { $0 = max($0, deadline) }
    }
}

/// An answer of a route.
struct DirectAnswer {
    let status: Int
    let json: JSONValue

    func text(_ name: String) -> String? { json.text(name) }
    func list(_ name: String) -> [JSONValue] {
        if case .object(let members) = json, case .array(let items) = members[name] { items } else { [] }
    }
}

extension JSONValue {
    /// A text of an object.
    func text(_ name: String) -> String? {
        if case .object(let members) = self, case .string(let text) = members[name] { text } else { nil }
    }

    /// A number of an object.
    func number(_ name: String) -> Int64? {
        if case .object(let members) = self, case .integer(let number) = members[name] { number } else { nil }
    }
}

extension Rig {
    /// Routes over an account at Stripe; nil for a daemon without a key.
    static func api(_ account: ScriptedAccount?, catalogue: Catalogue = Rig.catalogue) async throws -> DirectAPI {
        let rig = try await Rig(hasKey: false, catalogue: catalogue)
        var context = rig.context
        context.clock = HastyClock()
        let key = try #require(StripeSecretKey("sk_test_rig"))
        context.stripe = account.map {
            StripeClient(
                configuration: StripeConfiguration(
                    apiBase: "http://stripe.test", secretKey: key, limits: StripeLimits(requestsPerSecond: 10_000),
                    appInfo: StripeAppInfo(name: "tollgate", version: "test")), transport: $0)
        }
        let api = ControlAPI(
            context: context, configuration: rig.configuration,
            flusher: rig.flusher())
        return DirectAPI(rig: rig, routes: api.routes)
    }

    static func post(_ path: String, _ fields: [String: String]) -> HTTPRequest {
        let body = fields.map { "\($0)=\($1)" }.joined(separator: "&")
        return HTTPRequest(method: "POST", url: "http://stripe.test\(path)", body: Array(body.utf8))
    }
}
