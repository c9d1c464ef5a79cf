internal import Metering
internal import RESP

/// What decisions are made by: the configuration and one edition of the catalogue. A reload makes another; calls under
/// way keep the one they were parsed by, since their meters are places in its catalogue.
final class GateRules {
    let configuration: GateConfiguration
    let catalogue: Catalogue
    let calendar: PeriodCalendar
    /// Differs between editions.
    let generation: Int
    /// The same for the quick way, and which of the meters are counters.
    let quickMeters: QuickMeters
    let isCounter: [Bool]
    /// Which are decided from leases: counters, and what is in flight.
    let isLeased: [Bool]
    /// The meters' names as replies have them.
    let replyNames: [OutputBuffer]

    init(configuration: GateConfiguration, catalogue: Catalogue, generation: Int = 0) {
        self.configuration = configuration
        self.catalogue = catalogue
        self.generation = generation
        calendar = PeriodCalendar(catalogue.timeZone)
        quickMeters = QuickMeters(catalogue.meters.map(\.name))
        isLeased = catalogue.meters.map { $0.kind == .counter || $0.kind == .concurrency }
        isCounter = catalogue.meters.map { $0.kind == .counter }
        replyNames = catalogue.meters.map { meter in
            var output = OutputBuffer()
            output.append(bulkUTF8: meter.name)
            return output
        }
    }

    deinit { quickMeters.deallocate() }

    /// The place in the catalogue of the meter whose name is these bytes. Looks at every meter: catalogues hold a
    /// handful.
    func meterIndex(_ name: Span<UInt8>) -> Int? {
        name.withUnsafeBytes { quickMeters.index($0) }
    }

    /// The place in the catalogue of the meter that a lease is of.
    func meterIndex(of held: HeldLease) -> Int? {
        let name = held.meterName
        return meterIndex(name.span)
    }

    func replacing(_ configuration: GateConfiguration, _ catalogue: Catalogue) -> GateRules {
        GateRules(configuration: configuration, catalogue: catalogue, generation: generation + 1)
    }
}
