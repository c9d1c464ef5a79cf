/// Answers of Stripe, with only what the client must be able to read and a little more.
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

    static let eventV2 = """
        {"object":"v2.billing.meter_event","created":"2027-01-15T08:00:01.123Z","event_name":"messages",
        "identifier":"i1","livemode":false,"payload":{"value":"7"},"timestamp":"2027-01-15T08:00:00.000Z"}
        """

    /// A session that counts for the fifteen minutes after `created`.
    static func session(_ token: String, expires: String = "2027-01-15T08:15:00.000Z") -> String {
        """
        {"object":"v2.billing.meter_event_session","id":"mes_1","authentication_token":"\(token)",
        "created":"2027-01-15T08:00:00.000Z","expires_at":"\(expires)","livemode":false}
        """
    }

    static let usageRecord = """
        {"id":"mbur_1","object":"usage_record","livemode":false,"quantity":7,"subscription_item":"si_1",
        "timestamp":1800000000}
        """

    static let usageRecordSummary = """
        {"id":"sis_1","object":"usage_record_summary","invoice":null,"livemode":false,
        "period":{"start":null,"end":1803600000},"subscription_item":"si_1","total_usage":7}
        """

    static let price = """
        {"id":"price_1","object":"price","active":true,"billing_scheme":"per_unit","currency":"eur","lookup_key":null,
        "metadata":{},"nickname":null,"product":"prod_1","recurring":{"interval":"month","interval_count":1,
        "meter":"mtr_1","usage_type":"metered"},"type":"recurring","unit_amount":null,"unit_amount_decimal":"0.5"}
        """

    static let item = #"{"id":"si_1","object":"subscription_item","metadata":{},"price":\#(price)}"#

    /// As basil and later have it: no period of its own, and its item has none either.
    static func subscription(hasMoreItems: Bool) -> String {
        """
        {"id":"sub_1","object":"subscription","billing_cycle_anchor":1797526800,"cancel_at_period_end":false,
        "customer":"cus_1","items":\(list([item], hasMore: hasMoreItems)),"metadata":{"tenant_id":"acme"},
        "status":"active"}
        """
    }

    static let customer = """
        {"id":"cus_1","object":"customer","email":"a@b.example","name":null,"metadata":{"tenant_id":"acme"}}
        """

    static let invoice = """
        {"id":"in_1","object":"invoice","automatically_finalizes_at":1800003600,"created":1800000000,
        "customer":"cus_1","period_start":1797321600,"period_end":1800000000,"status":"draft","parent":null}
        """

    static let coreEvent = """
        {"id":"evt_1","object":"v2.core.event","type":"v1.billing.meter.no_meter_found",
        "created":"2027-01-15T08:00:00Z","livemode":false,
        "data":{"developer_message_summary":"There is 1 invalid event","reason":{"error_count":1,
        "error_types":[{"code":"no_meter","error_count":1,"sample_errors":[{"error_message":"No meter was found.",
        "request":{"identifier":"i1"}}]}]},"validation_start":"2027-01-15T08:00:00Z",
        "validation_end":"2027-01-15T08:00:10Z"}}
        """
}
