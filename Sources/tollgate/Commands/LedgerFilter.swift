import ArgumentParser
import Ledger
import Metering

/// Which of a ledger's slots.
struct LedgerFilter: ParsableArguments {
    @Option(help: ArgumentHelp("Only this tenant's.", valueName: "id"))
    var tenant: String?

    @Option(help: ArgumentHelp("Only this meter's.", valueName: "name"))
    var meter: String?

    @Flag(help: "Only what Redis does not have yet, as far as the ledger knows.")
    var unsettled = false

    func validate() throws {
        if let tenant { try TenantCommand.check(tenant) }
        if let meter, !Identifier.isName(meter) {
            throw ValidationError("\"\(meter)\" is no meter's name: a-z, then up to 63 of a-z 0-9 _")
        }
    }

    func takes(_ entry: LedgerEntry) -> Bool {
        (tenant == nil || entry.tenant == tenant) && (meter == nil || entry.meter == meter)
            && !(unsettled && entry.isSettled)
    }
}
