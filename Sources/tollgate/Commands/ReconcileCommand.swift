import ArgumentParser

/// `tollgate reconcile`.
struct ReconcileCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reconcile",
        abstract: "Compare what was counted with what Stripe has recorded, hour by hour.",
        discussion: """
            Without --from the last 96 hours. TOTAL is what the gate and Redis have, ACKNOWLEDGED what Stripe said yes \
            to, STRIPE what its summaries hold; of a meter with usage records Stripe tells periods only. Every \
            difference says why. Nothing is changed without --fix, which makes what nothing explains owed again, and \
            is audited.

            Of all tenants, only meters with usage in that time are asked for; of one --tenant all of them. Stripe \
            counts reads: a run makes at most --reads, stops there, and says how to go on.

            Exits with 0 if nothing differs, or only what passes by itself (owed, under way, summaries that lag) or \
            was decided (late, written off). Exits with 4 if anything else differs, also if --fix has put it right, \
            if something could not be compared, or if the reads were used up.

            EXAMPLES
              tollgate reconcile
              tollgate reconcile --tenant acme --from 2026-11-01 --to 2026-12-01
              tollgate reconcile --tenant acme --fix
              tollgate reconcile --last
            """)

    /// How long the daemon may take for one page.
    private static let deadline: Duration = .seconds(300)

    @Option(help: ArgumentHelp("Only this tenant's.", valueName: "id"))
    var tenant: String?

    @Option(
        help: ArgumentHelp("From the hour of then on: 30d, RFC 3339, or a day (default: 96 hours).", valueName: "time"))
    var from: Moment?

    @Option(help: ArgumentHelp("To the hour of then (default: now).", valueName: "time"))
    var to: Moment?

    @Flag(help: "Make hours owed again that Stripe has otherwise than it acknowledged, if nothing explains it.")
    var fix = false

    @Option(help: ArgumentHelp("At most so many reads of Stripe.", valueName: "n"))
    var reads: Int64 = 500

    @Option(help: ArgumentHelp("Go on after this place, which an earlier run has named.", valueName: "place"))
    var after: String?

    @Flag(help: "Show the report of the last daily comparison instead.")
    var last = false

    @OptionGroup var control: ControlOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if let tenant { try TenantCommand.check(tenant) }
        guard (1...10_000).contains(reads) else { throw ValidationError("--reads is 1 to 10000") }
        if last, tenant != nil || from != nil || to != nil || fix || after != nil {
            throw ValidationError("--last shows a report that is there already: it takes nothing else")
        }
    }

    func run() async throws {
        let client = try control.client()
        if last {
            let report = try await client.send("GET", ControlPath("/v1/billing/reconcile"))
            output.show(report) { style in ReconcileText.daily(report, style) }
            try leave(report["result"] ?? .null)
            return
        }
        let result = try await compare(client)
        output.show(result) { style in ReconcileText.text(result, style) }
        try leave(result)
    }

    /// Page by page, up to the end or until the reads are used up.
    private func compare(_ client: ControlClient) async throws(CommandFailure) -> JSONValue {
        let bar = ProgressBar(console: .standard, label: "comparing with Stripe")
        defer { bar.clear() }
        var sum = ReconcileSum()
        var place = after
        // Settled now, so that all pages are of the same hours.
        let range: [String: JSONValue] = [
            "from": .optional(from?.before().text), "to": .optional(to?.before().text),
        ]
        while true {
            bar.show(sum["tenants"], of: sum["of"], "\(sum["reads"]) reads, \(sum.differences) differences")
            let body: [String: JSONValue] = [
                "tenant": .optional(tenant), "fix": .boolean(fix), "reads": .integer(reads - sum["reads"]),
                "after": .optional(place),
            ]
            let page: JSONValue
            do {
                page = try await client.send(
                    "POST", ControlPath("/v1/billing/reconcile"),
                    body: .object(range.merging(body) { $1 }), deadline: Self.deadline)
            } catch {
                guard let place else { throw error }
                throw CommandFailure("\(error.message); go on with --after \(place)", error.outcome)
            }
            sum.add(page)
            guard page["stopped"] == nil, let next = page["next"]?.text else { break }
            // A place that comes again would go on for ever.
            guard next != place else { throw CommandFailure("the comparison does not go on after \(next)", .fault) }
            place = next
            if sum["reads"] >= reads {
                sum.stop("the reads that were allowed are used up", next: next)
                break
            }
        }
        return sum.document
    }

    private func leave(_ result: JSONValue) throws {
        if ReconcileText.hasFault(result) { throw ExitCode(Outcome.fault.rawValue) }
    }
}
