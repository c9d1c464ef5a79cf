import ArgumentParser

/// `tollgate stripe setup`.
struct StripeSetupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "setup",
        abstract: "Hold the catalogue against Stripe, and make what is missing there.",
        discussion: """
            Looks at the meters that the catalogue's `stripe` blocks name, the prices of those with a `cost`, the \
            prices of plans, and the billing anchors of subscriptions. With --apply it makes the meters, products \
            and metered prices that are missing. It changes nothing that is there: what Stripe lets nobody change, \
            such as a meter's formula and window, is reported as a conflict with the way out.

            Exits with 0 if all is in order, or was made; with 4 if something is missing or in conflict. Warnings \
            do not count.

            EXAMPLES
              tollgate stripe setup
              tollgate stripe setup --apply
              tollgate stripe setup --json
            """)

    @Flag(help: "Make what is missing.")
    var apply = false

    @OptionGroup var control: ControlOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let client = try control.client()
        let bar = ProgressBar(console: .standard, label: apply ? "setting Stripe up" : "looking at Stripe")
        // One name for all parts: whatever is sent again within this run is the same request to Stripe.
        var body: [String: JSONValue] = [
            "apply": .boolean(apply), "run": .text(String(UInt64.random(in: 0 ... .max), radix: 16)),
        ]
        var items: [JSONValue] = []
        var places: Set<String> = []
        while true {
            let page = try await client.send(
                "POST", ControlPath("/v1/stripe/setup"), body: .object(body), deadline: StripeCommand.deadline)
            items += page["items"]?.list ?? []
            bar.show(page["done"]?.integer ?? 0, of: page["total"]?.integer)
            guard let next = page["next"]?.text else { break }
            guard places.insert(next).inserted else { throw CommandFailure("the setup does not end", .fault) }
            body["after"] = .text(next)
        }
        bar.clear()
        let differs = StripeSetupText.differs(items)
        let document: JSONValue = .object([
            "items": .list(items), "applied": .boolean(apply), "differs": .boolean(differs),
        ])
        output.show(document) { style in StripeSetupText.text(items, isApplied: apply, style) }
        if differs { throw ExitCode(Outcome.fault.rawValue) }
    }
}
