public import Metering
public import RedisLink
public import StripeAPI

/// Looks at everything tollgate stands on and says in one line each how it is. It changes nothing, and serves the
/// daemon's route and a command line without a daemon alike.
public struct Doctor: Sendable {
    let store: RedisStore?
    let stripe: StripeClient?
    let catalogue: Catalogue
    let paths: DoctorPaths
    let furtherChecks: @Sendable () -> [DoctorReport.Check]
    let now: @Sendable () -> Int64

    /// A doctor.
    ///
    /// - Parameters:
    ///   - store: nil when there is no way to Redis at all.
    ///   - stripe: nil without a secret key.
    ///   - catalogue: as it is loaded.
    ///   - paths: of sockets and the state directory.
    ///   - furtherChecks: of what is not this module's to look at.
    ///   - now: milliseconds since the Unix epoch by this host's clock.
    public init(
        store: RedisStore?, stripe: StripeClient?, catalogue: Catalogue, paths: DoctorPaths,
        furtherChecks: @escaping @Sendable () -> [DoctorReport.Check] = { [] },
        now: @escaping @Sendable () -> Int64 = ControlContext.systemTime
    ) {
        self.store = store
        self.stripe = stripe
        self.catalogue = catalogue
        self.paths = paths
        self.furtherChecks = furtherChecks
        self.now = now
    }

    /// Makes all checks.
    public func report() async -> DoctorReport {
        let redis = await redisChecks()
        let files = [
            socketCheck("gate socket", paths.gateSocket, mode: paths.gateMode),
            socketCheck("control socket", paths.controlSocket, mode: 0o600), stateDirectoryCheck(),
        ]
        let further = furtherChecks()
        let stripe = await stripeChecks()
        // Another wait for a Redis that is away would say nothing new.
        let customers = redis.contains { $0.name == "redis" && $0.status == .fault } ? [] : await customerCheck()
        return DoctorReport(checks: redis + files + further + stripe + customers + [catalogueCheck()])
    }

    private func catalogueCheck() -> DoctorReport.Check {
        let name = "plan catalogue"
        guard !catalogue.plans.isEmpty else {
            return .init(name, .fault, "no plan at all: nobody is allowed anything; add one to plans.yaml")
        }
        var warnings: [String] = []
        if catalogue.defaultPlan == nil { warnings.append("no default_plan: tenants that nobody put are refused") }
        let unpriced = catalogue.plans.filter {
            $0.isPublic && $0.prices.isEmpty && $0.slug != catalogue.defaultPlan?.slug
        }
        if !unpriced.isEmpty {
            warnings.append("no prices: \(unpriced.map(\.slug).joined(separator: ", "))")
        }
        let shared = Dictionary(grouping: catalogue.billedMeters) { $0.stripe?.eventName ?? "" }
            .filter { $0.value.count > 1 }.sorted { $0.key < $1.key }
        if let (event, meters) = shared.first {
            return .init(
                name, .fault,
                "the meters \(meters.map(\.name).joined(separator: ", ")) share the event name \(event): at Stripe the "
                    + "total of one would replace the other's; give each its own")
        }
        let size = "\(catalogue.plans.count) plans, \(catalogue.meters.count) meters"
        return warnings.isEmpty
            ? .init(name, .ok, size) : .init(name, .warning, "\(size); \(warnings.joined(separator: "; "))")
    }
}
