import ArgumentParser
import Metering

/// `tollgate tenant limit`.
struct TenantLimitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "limit",
        abstract: "Give a tenant its own limit of a meter, in place of its plan's, or take it away.",
        discussion: """
            It counts at every daemon within a second. With --until it ends by itself, exactly then. Usage so far \
            stays: only the limit moves.

            EXAMPLES
              tollgate tenant limit acme messages 5000 --reason "big launch"
              tollgate tenant limit acme messages 20000 --until 7d --reason "a week of load tests"
              tollgate tenant limit acme tokens unlimited --reason "contract 17"
              tollgate tenant limit acme messages --clear --reason "launch is over"
            """)

    @Argument(help: "The tenant's id.")
    var tenant: String

    @Argument(help: ArgumentHelp("The meter, of any kind.", valueName: "meter"))
    var meter: String

    @Argument(help: ArgumentHelp("0 or more, or \"unlimited\".", valueName: "value"))
    var value: LimitValue?

    @Flag(help: "Take it away: the plan's limit counts again.")
    var clear = false

    @Option(help: ArgumentHelp("When it ends: 7d from now, RFC 3339, or a day.", valueName: "time"))
    var until: Moment?

    @Option(help: ArgumentHelp("Why: it is kept and shown.", valueName: "text"))
    var reason: String

    @OptionGroup var control: ControlOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        try TenantCommand.check(tenant)
        guard (value == nil) == clear else {
            throw ValidationError("give a value, 0 or more or \"unlimited\", or --clear to take the limit away")
        }
        if clear, until != nil { throw ValidationError("--clear takes the limit away at once: --until says nothing") }
    }

    func run() async throws {
        let body: JSONValue = .object([
            "meter": .text(meter), "value": value.map { .integer($0.number) } ?? .null,
            "until": .optional(until?.after().text), "reason": .text(reason),
        ])
        let record = try await control.client().send("POST", TenantCommand.path(tenant, "limits"), body: body)
        output.show(record) { style in TenantText.text(record, style) }
    }
}

/// A limit as typed: a number, or `unlimited`.
struct LimitValue: ExpressibleByArgument, Equatable {
    /// -1 for unlimited.
    let number: Int64

    init?(argument: String) {
        guard let limit = OwnLimit(argument: "m=\(argument)") else { return nil }
        number = limit.value
    }
}
