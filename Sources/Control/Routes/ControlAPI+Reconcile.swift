import Billing
import RedisLink

extension ControlAPI {
    /// A page of the comparison with Stripe.
    func reconcile(_ request: ControlRequest) async throws -> ControlAnswer {
        try request.allowQuery()
        let question = try ReconcileQuestion(request.body.isEmpty ? [:] : request.object(), now: context.now() / 1000)
        guard context.stripe != nil else {
            throw Problem.conflict("STRIPE_SECRET_KEY is not set: there is nothing to compare with", code: "no_key")
        }
        // Who asks expects what was just used to be counted. What Redis cannot be told yet comes with the next run.
        if question.after == nil { _ = await context.settle() }
        do {
            return .json(try await reconciler().page(question, actor: request.actor))
        } catch let failure as StripeRecords.Failure {
            throw Problem.unavailable("Stripe cannot be read: \(failure)", code: "stripe")
        }
    }

    private func reconciler() -> Reconciler {
        Reconciler(context: context, configuration: configuration, flusher: flusher)
    }

    /// The report of the last daily comparison.
    func lastReconcile(_ request: ControlRequest) async throws -> ControlAnswer {
        try request.allowQuery()
        guard let report = try await context.store.reconcileReport() else {
            throw Problem.notFound("no daily comparison has ended yet", code: "no_report")
        }
        return .text(report, type: "application/json")
    }

    /// What the last daily comparison found, whichever daemon made it, and how many hours are still to be compared.
    func reconcileMetrics(_ report: DailyReport?, checks: Int) -> [Metric] {
        [
            Metric(
                "tollgate_reconcile_differences",
                help: "Differences that the last daily comparison with Stripe found, by explanation.", kind: .gauge,
                samples: Explanation.allCases.map {
                    .init(Double(report?.result.counts[$0.rawValue] ?? 0), labels: [("explanation", $0.rawValue)])
                }),
            Metric(
                "tollgate_reconcile_failures", help: "Tenants' meters that it could not compare.", kind: .gauge,
                Double(report?.result.failed ?? 0)),
            Metric(
                "tollgate_reconcile_last_time_seconds",
                help: "When the last daily comparison ended, in Unix seconds; 0 before.", kind: .gauge,
                Double(report.flatMap { InstantText.seconds($0.endedAt) } ?? 0)),
            Metric(
                "tollgate_stripe_checks_waiting", help: "Acknowledged hours that are still to be compared with Stripe.",
                kind: .gauge, Double(checks)),
        ]
    }
}
