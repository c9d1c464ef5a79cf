import ArgumentParser

/// `tollgate take`.
struct TakeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "take",
        abstract: "Check and consume: all meters or none.",
        discussion: """
            A refusal charges nothing, on any meter, and exits with 1. With --id, the same call repeated gives the \
            first answer again and counts once.

            EXAMPLES
              tollgate take acme messages
              tollgate take acme messages 1 tokens 2500
              tollgate take acme messages --id order-1001
            """)

    @Argument(help: "The tenant's id.")
    var tenant: String

    @Argument(help: ArgumentHelp("Meters, each with its amount (default: 1).", valueName: "meter [n]"))
    var meters: [String]

    @Option(help: ArgumentHelp("An idempotency key: 1 to 255 printable characters.", valueName: "key"))
    var id: String?

    @OptionGroup var gate: GateOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        _ = try amounts
    }

    func run() throws {
        let key = id.map { ["ID", $0] } ?? []
        let decision = try GateDecision(gate.ask(["TAKE", tenant] + amounts.arguments + key, counts: true))
        try output.finish(decision)
    }

    private var amounts: MeterAmounts {
        get throws(ValidationError) { try MeterAmounts(meters, missing: 1) }
    }
}
