internal import Metering

/// What decisions are made by: the configuration and one edition of the catalogue. A reload makes another; calls under
/// way keep the one they were parsed by, since their meters are places in its catalogue.
final class GateRules {
    let configuration: GateConfiguration
    let catalogue: Catalogue
    let calendar: PeriodCalendar
    /// Differs between editions.
    let generation: Int

    init(configuration: GateConfiguration, catalogue: Catalogue, generation: Int = 0) {
        self.configuration = configuration
        self.catalogue = catalogue
        self.generation = generation
        calendar = PeriodCalendar(catalogue.timeZone)
    }

    func replacing(_ configuration: GateConfiguration, _ catalogue: Catalogue) -> GateRules {
        GateRules(configuration: configuration, catalogue: catalogue, generation: generation + 1)
    }
}
