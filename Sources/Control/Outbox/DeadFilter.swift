import Metering
import RedisLink

/// Which dead letters are meant.
struct DeadFilter {
    let tenant: String?
    let meter: String?
    /// Hours since the Unix epoch.
    let hour: Int64?

    /// Whether every dead letter is meant.
    var isOpen: Bool { tenant == nil && meter == nil && hour == nil }

    /// Reads what a query or a body says.
    init(tenant: String?, meter: String?, hour: String?) throws(Problem) {
        if let tenant { try ControlAPI.checkID(tenant) }
        if let meter, !Identifier.isName(meter) {
            throw .badRequest("meter: \"\(meter)\" is no meter's name", code: "bad_field")
        }
        self.tenant = tenant
        self.meter = meter
        self.hour = try hour.map { text throws(Problem) in
            guard let seconds = InstantText.seconds(text), seconds >= 0, seconds % 3600 == 0 else {
                throw .badRequest(
                    "hour: \"\(text)\" is not the start of an hour, such as 2026-01-31T10:00:00Z", code: "bad_field")
            }
            return seconds / 3600
        }
    }

    func takes(_ key: StoredHour.Key) -> Bool {
        (tenant.map { $0 == key.tenant } ?? true) && (meter.map { $0 == key.meter } ?? true)
            && (hour.map { $0 == key.hour } ?? true)
    }
}
