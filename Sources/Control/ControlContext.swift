import Foundation
public import Logging
public import Metering
public import RedisLink
public import StripeAPI

/// The outside world of the control plane, all of it injected.
public struct ControlContext: Sendable {
    /// Tenants and owed hours.
    public var store: RedisStore
    /// The way to Stripe; nil without a secret key: then nothing is sent, and everything else works.
    public var stripe: StripeClient?
    /// Where notices go; nil for nowhere.
    public var notices: NoticeEndpoint?
    /// Where Stripe's events come in; nil for nowhere.
    public var webhooks: WebhookEndpoint?
    /// The catalogue as it stands; asked anew for each request and round, so that a reload is followed.
    public var catalogue: @Sendable () -> Catalogue
    /// Whether the gate serves.
    public var gateReady: @Sendable () -> Bool
    /// This daemon's name among those that send to Stripe; nil while it is not known. No other live process has it, and
    /// one that follows this one under the same name takes over what it had claimed.
    public var flusherName: @Sendable () -> String?
    /// What the gate counts, for `/metrics`.
    public var metrics: @Sendable () -> [Metric]
    /// Called with a tenant whose record was written or removed; returns once decisions here follow it.
    public var tenantChanged: @Sendable (String) async -> Void
    /// Has this daemon's gate tell Redis what it has counted; returns once that is done, or soon, with whether it is.
    public var settle: @Sendable () async -> Bool
    /// What the gate's leases look like; nil when it does not say.
    public var survey: @Sendable (SurveyRequest) async -> LeaseSurvey?
    /// What the gate knows of a tenant; nil when it does not say.
    public var explain: @Sendable (String) async -> TenantReading?
    /// The files that `doctor` looks at.
    public var paths: DoctorPaths
    /// What `doctor` says of parts that the control plane does not know. It may read files.
    public var doctorChecks: @Sendable () -> [DoctorReport.Check]
    /// For what an operator must know.
    public var logger: Logger
    /// Milliseconds since the Unix epoch.
    public var now: @Sendable () -> Int64
    /// What waits between rounds are measured by.
    public var clock: any Clock<Duration>

    /// A context with this host's clocks and a random name unless others are given.
    public init(
        store: RedisStore, stripe: StripeClient?, notices: NoticeEndpoint? = nil, webhooks: WebhookEndpoint? = nil,
        catalogue: @escaping @Sendable () -> Catalogue,
        gateReady: @escaping @Sendable () -> Bool,
        flusherName: (@Sendable () -> String?)? = nil,
        metrics: @escaping @Sendable () -> [Metric] = { [] },
        tenantChanged: @escaping @Sendable (String) async -> Void = { _ in },
        settle: @escaping @Sendable () async -> Bool = { true },
        survey: @escaping @Sendable (SurveyRequest) async -> LeaseSurvey? = { _ in nil },
        explain: @escaping @Sendable (String) async -> TenantReading? = { _ in nil },
        paths: DoctorPaths, doctorChecks: @escaping @Sendable () -> [DoctorReport.Check] = { [] }, logger: Logger,
        now: @escaping @Sendable () -> Int64 = ControlContext.systemTime,
        clock: any Clock<Duration> = ContinuousClock()
    ) {
        self.store = store
        self.stripe = stripe
        self.notices = notices
        self.webhooks = webhooks
        self.catalogue = catalogue
        self.gateReady = gateReady
        let randomName = String(UInt64.random(in: .min ... .max), radix: 16)
        self.flusherName = flusherName ?? { randomName }
        self.metrics = metrics
        self.tenantChanged = tenantChanged
        self.settle = settle
        self.survey = survey
        self.explain = explain
        self.paths = paths
        self.doctorChecks = doctorChecks
        self.logger = logger
        self.now = now
        self.clock = clock
    }

    /// This host's clock, in milliseconds since the Unix epoch.
    public static let systemTime: @Sendable () -> Int64 = {
        Int64(Date().timeIntervalSince1970 * 1000)
    }

    /// The doctor of this control plane.
    var doctor: Doctor {
        Doctor(
            store: store, stripe: stripe, catalogue: catalogue(), paths: paths, furtherChecks: doctorChecks, now: now)
    }

    /// A stored record as the metering module reads it.
    static func tenant(_ stored: StoredTenant) throws(TenantRecordError) -> Tenant {
        try Tenant(id: stored.id, version: Int64(stored.version) ?? 0, fields: stored.fields)
    }
}
