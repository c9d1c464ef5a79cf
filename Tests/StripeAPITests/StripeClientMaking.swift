import StripeAPI
import Testing

let secretText = "sk_test_51NeverPrintThis"

/// A client with the secret above, for a host that does not exist.
func makeClient(_ transport: any StripeTransport, requestsPerSecond: Int = 1000) throws -> StripeClient {
    let configuration = StripeConfiguration(
        apiBase: "https://stripe.test/", secretKey: try #require(StripeSecretKey(secretText)),
        requestsPerSecond: requestsPerSecond,
        appInfo: StripeAppInfo(name: "tollgate", version: "0.1.0", url: "https://example.com/tollgate"))
    return StripeClient(configuration: configuration, transport: transport)
}

enum Fixture {
    static let event = """
        {"object":"billing.meter_event","created":1,"event_name":"messages","identifier":"i1","livemode":false,
        "payload":{"value":"7"},"timestamp":1800000000,"a_later_field":{"x":[1]}}
        """

    static func meter(_ id: String, eventName: String = "messages", window: String = "\"hour\"") -> String {
        """
        {"id":"\(id)","object":"billing.meter","created":1,"customer_mapping":{"event_payload_key":"customer",
        "type":"by_id"},"default_aggregation":{"formula":"sum"},"display_name":"Messages",
        "event_name":"\(eventName)","event_time_window":\(window),"livemode":false,"status":"active",
        "status_transitions":{"deactivated_at":null},"updated":1,"value_settings":{"event_payload_key":"count"}}
        """
    }

    static func summary(_ id: String, value: String) -> String {
        """
        {"id":"\(id)","object":"billing.meter_event_summary","aggregated_value":\(value),"start_time":3600,
        "end_time":7200,"livemode":false,"meter":"mtr_1"}
        """
    }

    static func list(_ rows: [String], hasMore: Bool = false) -> String {
        "{\"object\":\"list\",\"data\":[\(rows.joined(separator: ","))],\"has_more\":\(hasMore),\"url\":\"/x\"}"
    }

    static func error(type: String, code: String = "null", message: String, param: String = "null") -> String {
        "{\"error\":{\"type\":\"\(type)\",\"code\":\(code),\"message\":\"\(message)\",\"param\":\(param)}}"
    }
}
