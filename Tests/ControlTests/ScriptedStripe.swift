import Foundation
import HTTPLink
import StripeAPI
import Synchronization

/// Stands in for Stripe at the transport: has meters, keeps the events it gets, and answers them as the test says.
final class ScriptedStripe: StripeTransport {
    /// One meter event as it came.
    struct Event: Sendable, Equatable {
        let identifier: String
        let idempotencyKey: String
        let eventName: String
        let timestamp: Int64
        let payload: [String: String]
    }

    typealias Answer = Result<HTTPResponse, HTTPError>
    typealias Script = @Sendable (Event) async -> Answer

    private struct State {
        var meters: [String] = [ScriptedStripe.meter("messages_used")]
        var meterAnswer: Answer?
        var events: [Event] = []
        var readings = 0
        var script: Script = { ScriptedStripe.accepted($0) }
    }

    private let state = Mutex(State())

    /// The events so far, refused ones included.
    var events: [Event] { state.withLock { $0.events } }
    /// How often the meters were listed.
    var readings: Int { state.withLock { $0.readings } }

    func setMeters(_ meters: [String]) { state.withLock { $0.meters = meters } }
    func setMeterAnswer(_ answer: Answer?) { state.withLock { $0.meterAnswer = answer } }
    func setScript(_ script: @escaping Script) { state.withLock { $0.script = script } }

    func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        guard request.method == "POST" else {
            let (meters, answer) = state.withLock { state in
                state.readings += 1
                return (state.meters, state.meterAnswer)
            }
            let list = "{\"object\":\"list\",\"data\":[\(meters.joined(separator: ","))],\"has_more\":false}"
            return try (answer ?? .success(HTTPResponse(status: 200, body: Array(list.utf8)))).get()
        }
        let event = Self.event(request)
        let script = state.withLock { state in
            state.events.append(event)
            return state.script
        }
        return try await script(event).get()
    }

    static func accepted(_ event: Event) -> Answer {
        let json = """
            {"object":"billing.meter_event","identifier":"\(event.identifier)","event_name":"\(event.eventName)",
            "timestamp":\(event.timestamp)}
            """
        return .success(HTTPResponse(status: 200, body: Array(json.utf8)))
    }

    static func refused(_ status: Int, type: String = "invalid_request_error", _ message: String) -> Answer {
        let json = "{\"error\":{\"type\":\"\(type)\",\"message\":\"\(message)\"}}"
        return .success(HTTPResponse(status: status, body: Array(json.utf8)))
    }

    static func lost(sent: Bool) -> Answer {
        .failure(
            HTTPError(
                code: sent ? .timedOutAfterSending : .couldNotConnect, message: sent ? "no answer" : "no connection",
                isOutcomeUnknown: sent))
    }

    static func meter(
        _ eventName: String, status: String = "active", formula: String = "sum", window: String = "\"hour\"",
        customerKey: String = "stripe_customer_id", valueKey: String = "value"
    ) -> String {
        """
        {"id":"mtr_\(eventName)","object":"billing.meter","event_name":"\(eventName)","display_name":"x",
        "status":"\(status)","default_aggregation":{"formula":"\(formula)"},"event_time_window":\(window),
        "customer_mapping":{"type":"by_id","event_payload_key":"\(customerKey)"},
        "value_settings":{"event_payload_key":"\(valueKey)"}}
        """
    }

    private static func event(_ request: HTTPRequest) -> Event {
        var fields: [String: String] = [:]
        for pair in String(decoding: request.body, as: UTF8.self).split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            fields[String(parts[0]).removingPercentEncoding ?? ""] = String(parts[1]).removingPercentEncoding
        }
        var payload: [String: String] = [:]
        for (name, value) in fields where name.hasPrefix("payload[") {
            payload[String(name.dropFirst("payload[".count).dropLast())] = value
        }
        return Event(
            identifier: fields["identifier"] ?? "",
            idempotencyKey: request.headers.first { $0.name == "Idempotency-Key" }?.value ?? "",
            eventName: fields["event_name"] ?? "", timestamp: fields["timestamp"].flatMap { Int64($0) } ?? -1,
            payload: payload)
    }
}
