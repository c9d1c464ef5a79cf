/// The meters of the account in the order they were created. At most one active meter has an event name.
struct MeterTable: Codable, Sendable {
    private var byID: [String: Meter] = [:]
    private var order: [String] = []
    private var activeByEventName: [String: String] = [:]

    /// All of them, newest first.
    var newestFirst: [Meter] { order.reversed().compactMap { byID[$0] } }

    /// The active meter of an event name.
    func active(eventName: String) -> Meter? { activeByEventName[eventName].flatMap { byID[$0] } }

    /// The newest meter of an event name, active or not.
    func newest(eventName: String) -> Meter? { newestFirst.first { $0.eventName == eventName } }

    subscript(id: String) -> Meter? { byID[id] }

    func meter(_ id: String) throws(APIError) -> Meter {
        guard let meter = byID[id] else { throw .noSuch("billing meter", id, param: "id", status: 404) }
        return meter
    }

    /// Stores a new meter or a changed one.
    ///
    /// - Throws: 400 when another active meter has its event name.
    mutating func store(_ meter: Meter) throws(APIError) {
        let active = activeByEventName[meter.eventName]
        if meter.isActive {
            guard active == nil || active == meter.id else {
                throw .invalid(
                    "An active meter already exists with event name \(meter.eventName).", param: "event_name")
            }
            activeByEventName[meter.eventName] = meter.id
        } else if active == meter.id {
            activeByEventName[meter.eventName] = nil
        }
        if byID.updateValue(meter, forKey: meter.id) == nil { order.append(meter.id) }
    }
}
