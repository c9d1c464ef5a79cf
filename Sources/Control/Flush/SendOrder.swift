import Billing
import RedisLink

/// All that is needed to send an hour, what to send of it aside: that is read when it is marked as being sent.
struct SendOrder: Sendable, Equatable {
    /// Where it goes.
    enum Destination: Sendable, Equatable {
        /// A meter, under its event name, for a customer (`cus_…`).
        case meter(MeterFacts, eventName: String, customer: String)
        /// A subscription item (`si_…`).
        case item(String)

        var place: StripePlace {
            switch self {
            case .meter(let facts, _, let customer): .meter(id: facts.id, customer: customer)
            case .item(let id): .item(id)
            }
        }
    }

    let hour: OwedHour
    let destination: Destination
    let form: SendForm
    /// Seconds since the Unix epoch.
    let timestamp: Int64
    /// When the hour is to be compared with what Stripe recorded, seconds since the Unix epoch.
    let checkAt: Int64
    /// When the books of its period close, after which it is not sent; nil for never. Seconds since the Unix epoch.
    let closing: Int64?
    /// The hours of its period, since 1970; nil when it has none.
    let period: Range<Int64>?
    /// Whether its period is over: Stripe may refuse it then although nothing is wrong with it.
    let isPeriodOver: Bool

    /// Whether it goes out as a meter event, and not as a usage record.
    var isMeterEvent: Bool { if case .meter = destination { true } else { false } }

    /// Where it goes, as Redis keeps it.
    var destinationText: String { destination.place.text(stamp: timestamp, of: hour.hour) }

    var key: StoredHour.Key { StoredHour.Key(tenant: hour.tenant, meter: hour.meter, hour: hour.hour) }
}
