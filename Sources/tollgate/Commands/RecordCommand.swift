import ArgumentParser

/// `tollgate record`.
struct RecordCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "record",
        abstract: "Count usage after the fact: never refused by a limit, always billed.",
        discussion: """
            With --id, the same call repeated counts once. With --at, the usage belongs to the hour and period of that \
            time.

            EXAMPLES
              tollgate record acme tokens 2500
              tollgate record acme messages 3 tokens 9000 --id job-77
              tollgate record acme tokens 2500 --at 2026-11-01T09:30:00Z
            """)

    @Argument(help: "The tenant's id.")
    var tenant: String

    @Argument(help: ArgumentHelp("Meters, each with its amount.", valueName: "meter n"))
    var meters: [String]

    @Option(help: ArgumentHelp("An idempotency key: 1 to 255 printable characters.", valueName: "key"))
    var id: String?

    @Option(help: ArgumentHelp("When it was used (RFC 3339; default: now).", valueName: "time"))
    var at: Timestamp?

    @OptionGroup var gate: GateOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        _ = try amounts
    }

    func run() throws {
        let key = id.map { ["ID", $0] } ?? []
        let time = at.map { ["AT", String($0.milliseconds)] } ?? []
        let counts = try GateCounts(gate.ask(["RECORD", tenant] + amounts.arguments + key + time, counts: true))
        output.show(counts.document, text: counts.text)
    }

    private var amounts: MeterAmounts {
        get throws(ValidationError) { try MeterAmounts(meters, missing: nil) }
    }
}
