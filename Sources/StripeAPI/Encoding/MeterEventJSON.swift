/// The JSON of meter events for the v2 API, written straight into bytes: the stream's requests hold a hundred events
/// each, and going through dictionaries would cost more than all the rest of a send.
struct MeterEventJSON {
    private(set) var bytes: [UInt8] = []

    /// One event: the body of `POST /v2/billing/meter_events` (docs.stripe.com/api/v2/billing/meter-event/create).
    static func body(_ event: MeterEventRequest) -> [UInt8] {
        var json = MeterEventJSON()
        json.bytes.reserveCapacity(256)
        json.append(event)
        return json.bytes
    }

    /// Several: the body of `POST /v2/billing/meter_event_stream`
    /// (docs.stripe.com/api/v2/billing/meter-event-stream/create).
    static func body(_ events: [MeterEventRequest]) -> [UInt8] {
        var json = MeterEventJSON()
        json.bytes.reserveCapacity(events.count * 224 + 16)
        json.raw(#"{"events":["#)
        for (index, event) in events.enumerated() {
            if index > 0 { json.raw(",") }
            json.append(event)
        }
        json.raw("]}")
        return json.bytes
    }

    private mutating func append(_ event: MeterEventRequest) {
        raw(#"{"event_name":"#)
        string(event.eventName)
        raw(#","identifier":"#)
        string(event.identifier)
        raw(#","payload":{"#)
        var isFirst = true
        // Sorted, so that equal events make equal requests: a repeated key must come with the same bytes.
        for (name, value) in event.payload.sorted(by: { $0.key < $1.key }) {
            if !isFirst { raw(",") }
            isFirst = false
            string(name)
            raw(":")
            string(value)
        }
        raw(#"},"timestamp":""#)
        RFC3339.append(event.timestamp, to: &bytes)
        raw("\"}")
    }

    private mutating func raw(_ text: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// A JSON string (RFC 8259 §7); what need not be escaped stays UTF-8.
    private mutating func string(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0..<0x20:
                bytes.append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "u"), 0x30, 0x30, 0x30 + byte >> 4])
                bytes.append(Self.digits[Int(byte & 15)])
            default:
                bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static let digits = Array("0123456789abcdef".utf8)
}
