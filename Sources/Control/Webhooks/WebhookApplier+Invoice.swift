import Billing
import RedisLink
import StripeAPI

extension WebhookApplier {
    /// Only such an invoice ends a period; one for a change of plan, say, is finalised at once in its middle
    /// (docs.stripe.com/api/invoices/object: `billing_reason`).
    private static let endOfPeriod = "subscription_cycle"

    /// Keeps until when usage of the period that ended still gets onto its invoice.
    func applyInvoice(_ event: StoredEvent) async throws -> WebhookOutcome {
        guard event.object != event.id else { return .hopeless("the event names no invoice") }
        guard event.cause.isEmpty || event.cause == Self.endOfPeriod else { return .done }
        let tenants = try await context.store.tenants(customer: event.customer)
        // An invoice of somebody who is no tenant: an account may have other customers.
        guard !tenants.isEmpty else { return .done }
        // Before it is read: whoever began to read it later knows better.
        let readAt = try await context.store.time()
        // None is a draft that was deleted (docs.stripe.com/api/invoices/delete).
        let invoice = try await invoice(event.object)
        for tenant in tenants { try await keep(invoice, event, of: tenant, readAt: readAt) }
        return .done
    }

    /// Nil when Stripe has none.
    private func invoice(_ id: String) async throws(StripeError) -> StripeInvoice? {
        do {
            return try await stripe.invoice(id)
        } catch {
            guard error.httpStatus == 404, error.isInStripeShape else { throw error }
            return nil
        }
    }

    private func keep(
        _ invoice: StripeInvoice?, _ event: StoredEvent, of tenant: StoredTenant, readAt: Int64
    ) async throws {
        let now = context.now() / 1000
        guard let invoice else {
            _ = try await context.store.putDraft(
                tenant.id, invoice: event.object, periodEnd: nil, finalisesAt: now, isClosed: true, readAt: readAt,
                books: books(at: now))
            return
        }
        // Another subscription of the customer says nothing of the tenant's periods.
        let own = tenant.fields["subscription"]
        guard let subscription = invoice.subscriptionID, own == nil || own == subscription,
            invoice.periodStart < invoice.periodEnd
        else { return }
        let isClosed = invoice.status != "draft"
        let finalisesAt =
            isClosed ? now : invoice.automaticallyFinalizesAt ?? Self.end(ofOpenDraft: invoice)
        _ = try await context.store.putDraft(
            tenant.id, invoice: invoice.id, periodEnd: invoice.periodEnd, finalisesAt: finalisesAt,
            isClosed: isClosed, readAt: readAt, books: books(at: now))
    }

    private func books(at now: Int64) -> DraftBooks {
        DraftBooks(now: now, margin: booksMargin, finalisationDelay: PeriodBooks.finalisationDelay)
    }

    /// How long usage of a period may still count while its draft waits for a person. Stripe takes usage 35 days back
    /// (docs.stripe.com/api/billing/meter-event/create): a day before the period's first hours are older than that, so
    /// that none of them is left behind.
    private static func end(ofOpenDraft invoice: StripeInvoice) -> Int64 {
        max(
            invoice.periodEnd + PeriodBooks.finalisationDelay,
            invoice.periodStart + EventTimestamp.oldestSeconds - 86_400)
    }
}
