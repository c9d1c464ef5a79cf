import ArgumentParser

/// `tollgate top`.
struct TopCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top",
        abstract: "Show what is used fastest, or nearest its limit, as this daemon's gate sees it.",
        discussion: """
            On a terminal the table is drawn anew each second, until Ctrl-C. Counters only: rates and levels have no \
            leases.

            USED is of all daemons, as far as this one knows; PAST is the highest threshold that it is past, RATE/S \
            is this daemon's own. UNSPENT can be spent without asking \
            Redis, UNSETTLED has been and Redis may not have it yet, WAITING are calls that wait for units.

            EXAMPLES
              tollgate top
              tollgate top --sort share
              tollgate top --once --limit 5
              tollgate top --json
            """)

    /// What comes first.
    enum Order: String, CaseIterable, ExpressibleByArgument {
        case rate
        case share
    }

    /// How long what goes on is watched between two looks.
    private static let interval: Duration = .seconds(1)
    /// Rows where there is no terminal that they have to fit on.
    private static let usualRows = 20

    @Option(help: "What comes first: what is spent fastest (rate), or is nearest its limit (share).")
    var sort = Order.rate

    @Option(help: ArgumentHelp("At most so many rows (default: what fits the terminal, else 20).", valueName: "n"))
    var limit: Int?

    @Flag(help: "Watch for a second, show it once and end, as without a terminal.")
    var once = false

    @OptionGroup var control: ControlOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if let limit, !(1...1000).contains(limit) { throw ValidationError("--limit must be from 1 to 1000") }
    }

    func run() async throws {
        let client = try control.client()
        guard !once, !output.isJSON, var screen = Screen(.standard) else {
            let first = try await look(client, rows: 1)
            try await Task.sleep(for: Self.interval)
            let document = TopRates.adding(to: try await look(client, rows: Self.usualRows), since: first)
            return output.show(document) { style in TopText.text(document, style) }
        }
        var last: JSONValue?
        while true {
            let answer = try await look(client, rows: screen.rows - TopText.otherLines)
            let document = TopRates.adding(to: answer, since: last)
            screen.draw(TopText.text(document, Console.standard.style))
            last = answer
            try await Task.sleep(for: Self.interval)
        }
    }

    private func look(_ client: ControlClient, rows: Int) async throws(CommandFailure) -> JSONValue {
        let count = min(max(1, rows), limit ?? 1000)
        let path = ControlPath("/v1/top").setting("sort", sort.rawValue).setting("limit", String(count))
        return try await client.send("GET", path)
    }
}
