import Billing
import Logging
import RedisLink
import StripeAPI

extension WebhookApplier {
    /// Takes back what was acknowledged and not recorded: 2xx on a meter event means received, and what Stripe cannot
    /// use of it is told afterwards, with samples of the identifiers
    /// (docs.stripe.com/billing/subscriptions/usage-based/recording-usage-api, "Handle meter event errors").
    func applyMeterErrors(_ event: StoredEvent) async throws -> WebhookOutcome {
        guard let report = try await stripe.coreEvent(event.id).report else {
            return .hopeless("the event has no report of errors")
        }
        var named: Int64 = 0
        for kind in report.kinds {
            for sample in kind.samples {
                named += 1
                try await settle(sample, code: kind.code, event: event)
            }
        }
        let unnamed = max(0, report.errorCount - named)
        counts.count(.unnamed, Int(clamping: unnamed))
        if unnamed > 0 {
            context.logger.error(
                "Stripe could not use meter events that it does not name: the comparison with its summaries finds them",
                metadata: [
                    "event": "\(event.id)", "count": "\(unnamed)",
                    "codes": "\(report.kinds.map(\.code).joined(separator: ", "))",
                ])
        }
        return .done
    }

    private func settle(_ sample: MeterErrorReport.Sample, code: String, event: StoredEvent) async throws {
        guard let identifier = sample.identifier, let key = try await hour(of: identifier) else {
            // Of another sender, or a newer event took its place, which answers for the hour if it was the total.
            if let identifier = sample.identifier { try await hasten(identifier) }
            counts.count(.unmatched)
            return
        }
        let isChanged: Bool
        let verdict = MeterErrorVerdict(code: code)
        switch verdict {
        case .owed: isChanged = try await reopen(key, identifier, code: code, event: event)
        case .dead: isChanged = try await bury(key, identifier, code: code, message: sample.message)
        }
        guard isChanged else { return counts.count(.unmatched) }
        counts.count(verdict == .owed ? .owed : .dead)
        context.logger.log(
            level: verdict == .owed ? .warning : .error, "Stripe could not use a meter event",
            metadata: [
                "tenant": "\(key.tenant)", "meter": "\(key.meter)", "hour": "\(InstantText.text(hour: key.hour))",
                "code": "\(code)", "event": "\(event.id)",
            ])
    }
}
