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
    private let names: [[UInt8]]
    /// The meters' names as replies have them.
    let replyNames: [OutputBuffer]

    init(configuration: GateConfiguration, catalogue: Catalogue, generation: Int = 0) {
        self.configuration = configuration
        self.catalogue = catalogue
        self.generation = generation
        calendar = PeriodCalendar(catalogue.timeZone)
        names = catalogue.meters.map { Array($0.name.utf8) }
        replyNames = names.map { name in
            var output = OutputBuffer()
            output.append(bulk: name.span)
            return output
        }
    }

    /// The place in the catalogue of the meter whose name is these bytes. Looks at every meter: catalogues hold a
    /// handful.
    func meterIndex(_ name: Span<UInt8>) -> Int? {
        for index in names.indices where names[index].count == name.count {
            var position = 0
            while position < name.count, names[index][position] == name[position] { position += 1 }
            if position == name.count { return index }
        }
        return nil
    }

    func replacing(_ configuration: GateConfiguration, _ catalogue: Catalogue) -> GateRules {
        GateRules(configuration: configuration, catalogue: catalogue, generation: generation + 1)
    }
}
