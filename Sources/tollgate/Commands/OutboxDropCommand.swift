import ArgumentParser

/// `tollgate outbox drop`.
struct OutboxDropCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drop",
        abstract: "Write hours off that Stripe refused for good: they are never billed.",
        discussion: """
            The tenant's usage and limits stay as they are. What Stripe has of an hour stays billed, and what was \
            used in it since it was refused is owed again; only the rest is written off. If Stripe cannot be read \
            nothing is. Asks before it does anything; --yes says that nobody is to be asked.

            EXAMPLES
              tollgate outbox drop --tenant acme --reason "customer deleted, settled by hand"
              tollgate outbox drop --all --yes --reason "test data"
            """)

    @OptionGroup var hours: DeadHourOptions

    @Flag(help: "Do it without asking.")
    var yes = false

    @OptionGroup var control: ControlOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let client = try control.client()
        if !yes {
            guard Question.canBeAnswered else {
                throw CommandFailure("this cannot be undone, and nobody is there to be asked: say --yes", .usage)
            }
            let list = try await client.list(hours.list, field: "dead", all: true)["dead"]?.list ?? []
            guard list.isEmpty || Question.ask(OutboxDropCommand.question(list)) else {
                throw CommandFailure("nothing was dropped", .refused)
            }
        }
        let dropped = try await hours.settle("drop", field: "dropped", client)
        output.show(.object(["dropped": .list(dropped)])) { _ in
            dropped.isEmpty
                ? "no such hour is dead\n"
                : "written off: \(dropped.count) hours, of \(OutboxDropCommand.units(dropped, "dropped")) units\n"
        }
    }

    static func question(_ list: [JSONValue]) -> String {
        let tenants = Set(list.compactMap { $0["tenant"]?.text }).count
        return "This writes off \(list.count) hours of \(tenants) tenants: of their \(units(list, "total")) units what "
            + "Stripe does not have is never billed then. Go on?"
    }

    private static func units(_ list: [JSONValue], _ field: String) -> Int64 {
        list.reduce(0) { $0 + ($1[field]?.integer ?? 0) }
    }
}
