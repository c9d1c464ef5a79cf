/// The control API: what each route does. It holds no state of its own.
struct ControlAPI: Sendable {
    let context: ControlContext
    let configuration: ControlConfiguration
    let flusher: Flusher
    /// Nil when notices go nowhere.
    let claims: PartitionClaims?
    let notifier: Notifier?
    let webhooks: WebhookCounts
    /// Compares closed hours with Stripe.
    let checker: HourChecker?
    /// When this process began to serve, in milliseconds since the Unix epoch.
    let startedAt: Int64

    init(
        context: ControlContext, configuration: ControlConfiguration, flusher: Flusher,
        claims: PartitionClaims? = nil, notifier: Notifier? = nil, webhooks: WebhookCounts = WebhookCounts(),
        checker: HourChecker? = nil
    ) {
        self.checker = checker
        self.context = context
        self.configuration = configuration
        self.flusher = flusher
        self.claims = claims
        self.notifier = notifier
        self.webhooks = webhooks
        startedAt = context.now()
    }

    /// Every route; `OpenAPIDocument` describes the same ones.
    var routes: [ControlRoute] {
        [
            ControlRoute("GET", "/healthz") { _ in .json(JSONValue.object(["status": .string("ok")])) },
            ControlRoute("GET", "/readyz") { _ in await readiness() },
            ControlRoute("GET", "/metrics") { _ in await metricsPage() },
            ControlRoute("GET", "/openapi.json") { _ in .text(OpenAPIDocument.text, type: "application/json") },
            ControlRoute("GET", "/v1/tenants", listTenants),
            ControlRoute("GET", "/v1/tenants/{id}", showTenant),
            ControlRoute("PUT", "/v1/tenants/{id}", putTenant),
            ControlRoute("DELETE", "/v1/tenants/{id}", removeTenant),
            ControlRoute("GET", "/v1/tenants/{id}/usage", showUsage),
            ControlRoute("GET", "/v1/tenants/{id}/explain", explainTenant),
            ControlRoute("POST", "/v1/tenants/{id}/limits", limitTenant),
            ControlRoute("POST", "/v1/tenants/{id}/grants", grantTenant),
            ControlRoute("POST", "/v1/tenants/{id}/grants/{grant}/revoke", revokeGrant),
            ControlRoute("POST", "/v1/tenants/{id}/block", blockTenant),
            ControlRoute("POST", "/v1/tenants/{id}/unblock", unblockTenant),
            ControlRoute("GET", "/v1/tenants/{id}/audit", listTenantAudit),
            ControlRoute("GET", "/v1/audit", listAudit),
            ControlRoute("GET", "/v1/billing/outbox", listOutbox),
            ControlRoute("GET", "/v1/billing/outbox/dead", listDead),
            ControlRoute("POST", "/v1/billing/outbox/retry", retryDead),
            ControlRoute("POST", "/v1/billing/outbox/drop", dropDead),
            ControlRoute("POST", "/v1/billing/flush") { request in
                try request.allowQuery()
                return .json(try await flusher.flush())
            },
            ControlRoute("POST", "/v1/stripe/setup", setUpStripe),
            ControlRoute("POST", "/v1/stripe/import", importFromStripe),
            ControlRoute("GET", "/v1/webhooks", listWebhooks),
            ControlRoute("POST", "/v1/webhooks/{event}/retry", retryWebhook),
            ControlRoute("POST", "/v1/billing/reconcile", reconcile),
            ControlRoute("GET", "/v1/billing/reconcile", lastReconcile),
            ControlRoute("GET", "/v1/top", showTop),
            ControlRoute("GET", "/v1/doctor") { _ in .json(await context.doctor.report()) },
        ]
    }
}
