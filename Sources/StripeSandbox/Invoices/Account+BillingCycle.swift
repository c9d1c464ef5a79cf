/// What happens by itself as the sandbox clock runs: periods turn, drafts are finalised. Each thing happens as of its
/// own instant, in order, however far the clock has jumped.
extension Account {
    /// How many steps are made in one go; what is left is made at the next request or within a second.
    private static let maximumSteps = 1_000

    /// Makes what has become due.
    func settle() {
        closeReports()
        var steps = 0
        while steps < Self.maximumSteps, nextBillingStep() <= now {
            steps += 1
            step()
            noteChange()
        }
    }

    /// When something is due next; the far future when nothing is.
    private func nextBillingStep() -> Int {
        if let billingDue { return billingDue }
        let ends = state.subscriptions.newestFirst.lazy.filter(\.isBilled).compactMap {
            $0.items.first?.period.upperBound
        }
        let drafts = state.invoices.drafts.lazy.compactMap { self.state.invoices[$0]?.automaticallyFinalizesAt }
        let due = min(ends.min() ?? .max, drafts.min() ?? .max)
        billingDue = due
        return due
    }

    /// Keeps what is known of the next instant true when something new will be due. Too early is as good as true: then
    /// nothing happens at that instant, and the next one is looked up.
    func noteDue(at instant: Int?) {
        if let instant, let billingDue { self.billingDue = min(billingDue, instant) }
    }

    /// Everything that is due at the next instant. A period turns before a draft is finalised.
    private func step() {
        let at = nextBillingStep()
        billingDue = nil
        for subscription in state.subscriptions.newestFirst.reversed()
        where subscription.isBilled && subscription.items.first?.period.upperBound == at {
            turnPeriod(of: subscription, at: at)
        }
        for id in state.invoices.drafts {
            guard let invoice = state.invoices[id], invoice.automaticallyFinalizesAt == at else { continue }
            finalize(invoice, at: at, pays: state.invoices.paysAutomatically)
        }
    }

    private func turnPeriod(of old: Subscription, at: Int) {
        var subscription = old
        if old.isCancelledAtPeriodEnd {
            let invoice = lastInvoice(of: old, at: at, finalizesAt: at + state.invoices.finalizeAfterSeconds)
            return end(&subscription, at: at, invoice: invoice)
        }
        let invoice = beginPeriod(
            of: &subscription, at: at, reason: .subscriptionCycle,
            finalizesAt: at + state.invoices.finalizeAfterSeconds)
        store(subscription, changedFrom: old, at: at)
        open(invoice)
    }

    /// Ends the period that runs at this instant and begins the next one. Returns the invoice of the former.
    func beginPeriod(
        of subscription: inout Subscription, at: Int, reason: Invoice.Reason, finalizesAt: Int
    ) -> Invoice {
        let closed = (subscription.items.first?.period.lowerBound ?? at)..<at
        for index in subscription.items.indices {
            let item = subscription.items[index]
            guard let recurring = state.prices[item.price]?.recurring else { continue }
            subscription.items[index].previousPeriod = item.period.lowerBound..<at
            subscription.items[index].period =
                BillingCycle(anchor: subscription.billingCycleAnchor, recurring).period(containing: at)
        }
        let invoice = cycleInvoice(
            of: subscription, at: at, closed: closed, reason: reason, finalizesAt: finalizesAt)
        subscription.latestInvoice = invoice.id
        return invoice
    }

    /// Makes an invoice known; one that does not wait is finalised at once.
    func open(_ invoice: Invoice) {
        state.invoices.store(invoice)
        noteDue(at: invoice.automaticallyFinalizesAt)
        emit("invoice.created", at: invoice.created) { [self] in
            current(invoice).body(in: $0, customer(of: invoice), state.prices)
        }
        guard invoice.automaticallyFinalizesAt == invoice.created else { return }
        finalize(invoice, at: invoice.created, pays: state.invoices.paysAutomatically)
    }

    /// Takes the usage as it stands: what comes later is on no invoice.
    func finalize(_ draft: Invoice, at: Int, pays: Bool) {
        var invoice = current(draft)
        invoice.status = .open
        invoice.automaticallyFinalizesAt = nil
        invoice.finalizedAt = at
        invoice.number = "SANDBOX-\(state.invoices.count)"
        state.invoices.store(invoice)
        emit("invoice.finalized", at: at) { [self, invoice] in invoice.body(in: $0, customer(of: invoice), state.prices)
        }
        if pays { pay(invoice, at: at) }
    }

    func pay(_ open: Invoice, at: Int) {
        var invoice = open
        invoice.status = .paid
        invoice.paidAt = at
        state.invoices.store(invoice)
        for type in ["invoice.paid", "invoice.payment_succeeded"] {
            emit(type, at: at) { [self, invoice] in invoice.body(in: $0, customer(of: invoice), state.prices) }
        }
    }

    func customer(of invoice: Invoice) -> Customer? { state.customers[invoice.customer] }
}

extension Subscription {
    /// Whether its periods turn: not before it is paid for the first time, not while it is paused, not once it has
    /// ended. An unpaid one still drafts invoices (docs.stripe.com/billing/subscriptions/overview).
    fileprivate var isBilled: Bool {
        switch status {
        case .active, .trialing, .pastDue, .unpaid: true
        case .incomplete, .incompleteExpired, .canceled, .paused: false
        }
    }
}
