import ArgumentParser
import Metering

/// `tollgate tenant grant`.
struct TenantGrantCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "grant",
        abstract: "Give a tenant units of a counter on top of its limit, or take a grant back.",
        discussion: """
            Granted units are spent before the plan's, those that expire first before others, and what is left of them \
            goes over into the next period until they expire. In a new period that takes some seconds, in which they \
            count nothing. What was drawn from a grant stays drawn when it is taken back.

            EXAMPLES
              tollgate tenant grant acme messages 500 --expires 30d --reason "sorry for the outage"
              tollgate tenant grant acme messages 500 --expires 2027-01-01 --id newyear --reason "a sale"
              tollgate tenant grant acme --revoke g4k2mzpq7xn3t --reason "given twice"
            """)

    @Argument(help: "The tenant's id.")
    var tenant: String

    @Argument(help: ArgumentHelp("The counter, by the hour or longer.", valueName: "meter"))
    var meter: String?

    @Argument(help: ArgumentHelp("How many units.", valueName: "units"))
    var units: Int64?

    @Option(help: ArgumentHelp("When they expire: 30d from now, RFC 3339, or a day.", valueName: "time"))
    var expires: Moment?

    @Option(
        help: ArgumentHelp(
            "Its name, of a-z and 0-9: said again with the same units and time, it is given once.", valueName: "name"))
    var id: String?

    @Option(help: ArgumentHelp("Take this grant back; `tenant show` names it.", valueName: "grant"))
    var revoke: String?

    @Option(help: ArgumentHelp("Why: it is kept and shown.", valueName: "text"))
    var reason: String

    @OptionGroup var control: ControlOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        try TenantCommand.check(tenant)
        if let revoke {
            guard meter == nil, units == nil, expires == nil, id == nil else {
                throw ValidationError("--revoke takes a grant back: no meter, units, --expires or --id go with it")
            }
            guard Grant.isID(revoke) else { throw ValidationError("\"\(revoke)\" is no grant's name") }
            return
        }
        if let id, !Grant.isID(id) { throw ValidationError("--id has 1 to 32 characters, of a-z and 0-9") }
        guard meter != nil, let units, expires != nil else {
            throw ValidationError("give a meter, units and --expires, or --revoke and a grant")
        }
        guard (1...Amount.largest).contains(units) else {
            throw ValidationError("units are 1 to \(Amount.largest), not \(units)")
        }
    }

    func run() async throws {
        let client = try control.client()
        if let revoke {
            let path = TenantCommand.path(tenant, "grants/\(revoke)/revoke")
            let record = try await client.send("POST", path, body: .object(["reason": .text(reason)]))
            return output.show(record) { style in TenantText.text(record, style) }
        }
        // Named here: whoever repeats this request, it is given once.
        let body: JSONValue = .object([
            "id": .text(id ?? Grant.makeID()), "meter": .optional(meter), "units": units.map { .integer($0) } ?? .null,
            "expires": .optional(expires?.after().text), "reason": .text(reason),
        ])
        let record = try await client.send("POST", TenantCommand.path(tenant, "grants"), body: body)
        output.show(record) { style in
            let note = record["note"].map { style.paint($0.words.printableLine, .caution) + "\n" } ?? ""
            return TenantText.text(record, style) + "\ngranted: \(record["granted"]?.words ?? "-")\n" + note
        }
    }
}
