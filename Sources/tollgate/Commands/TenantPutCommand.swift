import ArgumentParser
import Metering

/// `tollgate tenant put`.
struct TenantPutCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "put",
        abstract: "Create a tenant or change it; what is not named stays as it is.",
        discussion: """
            A new tenant needs a plan. Without a subscription its period is the calendar month; with one, the \
            times of the period are those of the subscription. Times are RFC 3339, or a day, which is \
            its midnight in UTC.

            EXAMPLES
              tollgate tenant put acme --plan starter
              tollgate tenant put acme --customer cus_9s6XKzkNRiz8i3
              tollgate tenant put acme --subscription sub_1 --status active \\
                --period-start 2026-11-01 --period-end 2026-12-01
              tollgate tenant put acme --limit messages=5000 --limit tokens=unlimited
              tollgate tenant put acme --no-limit messages
            """)

    @Argument(help: "The tenant's id: 1 to 128 bytes of A-Z a-z 0-9 . _ : @ -")
    var tenant: String

    @Option(help: ArgumentHelp("The plan, as plans.yaml names it.", valueName: "plan"))
    var plan: String?

    @Option(help: ArgumentHelp("The Stripe customer that is billed.", valueName: "cus_…"))
    var customer: String?

    @Option(help: ArgumentHelp("The Stripe subscription.", valueName: "sub_…"))
    var subscription: String?

    @Option(
        help: ArgumentHelp(
            "The subscription's status: \(SubscriptionStatus.allCases.map(\.rawValue).joined(separator: ", ")).",
            valueName: "status"))
    var status: String?

    @Option(
        help: ArgumentHelp("When the subscription's current period starts (RFC 3339, or a day).", valueName: "time"))
    var periodStart: Timestamp?

    @Option(help: ArgumentHelp("When it ends (RFC 3339, or a day).", valueName: "time"))
    var periodEnd: Timestamp?

    @Option(help: ArgumentHelp("The tenant's own limit of a meter, or \"unlimited\".", valueName: "meter=n"))
    var limit: [OwnLimit] = []

    @Option(help: ArgumentHelp("Take its own limit of a meter away: its plan's counts again.", valueName: "meter"))
    var noLimit: [String] = []

    @Option(help: ArgumentHelp("Why, for the audit.", valueName: "text"))
    var reason: String?

    @OptionGroup var control: ControlOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        try TenantCommand.check(tenant)
        if let status, SubscriptionStatus(rawValue: status) == nil {
            let allowed = SubscriptionStatus.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("--status \(status): must be one of \(allowed)")
        }
        var named: Set<String> = []
        for meter in limit.map(\.meter) + noLimit {
            guard Identifier.isName(meter) else { throw ValidationError("\"\(meter)\" is no meter's name") }
            guard named.insert(meter).inserted else { throw ValidationError("\(meter) has two limits: give one") }
        }
    }

    func run() async throws {
        let client = try control.client()
        let record = try await client.send("PUT", TenantCommand.path(tenant), body: body)
        output.show(record) { style in TenantText.text(record, style) }
    }

    /// What is named, and only that.
    var body: JSONValue {
        var fields: [String: JSONValue] = [:]
        fields["plan"] = plan.map { .text($0) }
        fields["customer"] = customer.map { .text($0) }
        fields["subscription"] = subscription.map { .text($0) }
        fields["status"] = status.map { .text($0) }
        fields["period_start"] = periodStart.map { .text($0.text) }
        fields["period_end"] = periodEnd.map { .text($0.text) }
        fields["reason"] = reason.map { .text($0) }
        var limits: [String: JSONValue] = [:]
        for own in limit { limits[own.meter] = .integer(own.value) }
        for meter in noLimit { limits[meter] = .null }
        if !limits.isEmpty { fields["limits"] = .object(limits) }
        return .object(fields)
    }
}
