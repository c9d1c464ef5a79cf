import FoundationEssentials

/// What an invoice bills: licensed items in advance, metered ones in arrears
/// (docs.stripe.com/billing/subscriptions/usage-based/how-it-works).
extension Account {
    /// The invoice that a subscription begins with.
    ///
    /// - Parameter full: the whole interval that the first period is part of; a shorter one is prorated.
    func firstInvoice(of subscription: Subscription, full: Range<Int>, isProrated: Bool) -> Invoice {
        invoice(of: subscription, at: now, finalizesAt: now, reason: .subscriptionCreate, period: now..<now) {
            item, price in
            guard price.isMetered else {
                let isWhole = item.period == full
                guard isWhole || isProrated else { return nil }
                let share = isWhole ? 1 : Decimal(item.period.count) / Decimal(full.count)
                return line(item, price, item.period, share: share)
            }
            return line(item, price, item.period.lowerBound..<item.period.lowerBound)
        }
    }

    /// The invoice of a period that has ended: its usage, and what comes next in advance.
    ///
    /// - Parameter subscription: already in its next period.
    func cycleInvoice(
        of subscription: Subscription, at: Int, closed: Range<Int>, reason: Invoice.Reason, finalizesAt: Int
    ) -> Invoice {
        invoice(
            of: subscription, at: at, finalizesAt: finalizesAt, reason: reason, period: closed
        ) { item, price in
            price.isMetered ? item.previousPeriod.map { line(item, price, $0) } : line(item, price, item.period)
        }
    }

    /// The invoice of a subscription that ends: what it used; nil when nothing of it is metered.
    func lastInvoice(of subscription: Subscription, at: Int, finalizesAt: Int) -> Invoice? {
        guard let period = subscription.items.first?.period else { return nil }
        let used = period.lowerBound..<max(period.lowerBound, min(at, period.upperBound))
        let invoice = invoice(
            of: subscription, at: at, finalizesAt: finalizesAt, reason: .subscriptionCycle, period: used
        ) { item, price in price.isMetered ? line(item, price, used) : nil }
        return invoice.lines.isEmpty ? nil : invoice
    }

    private func invoice(
        of subscription: Subscription, at: Int, finalizesAt: Int, reason: Invoice.Reason, period: Range<Int>,
        line: (SubscriptionItem, Price) -> InvoiceLine?
    ) -> Invoice {
        let lines = subscription.items.compactMap { item in state.prices[item.price].flatMap { line(item, $0) } }
        return Invoice(
            id: Invoice.newID(), created: at, customer: subscription.customer, subscription: subscription.id,
            subscriptionMetadata: subscription.metadata, currency: subscription.currency, reason: reason,
            period: period, lines: lines, automaticallyFinalizesAt: finalizesAt)
    }

    private func line(
        _ item: SubscriptionItem, _ price: Price, _ period: Range<Int>, share: Decimal = 1
    ) -> InvoiceLine {
        let usage: InvoiceLine.Usage? =
            switch (price.recurring?.meter, price.recurring?.aggregateUsage) {
            case (let meter?, _): .meter(meter)
            case (nil, let aggregate?): .records(aggregate)
            default: nil
            }
        let quantity = Decimal(usage == nil ? item.quantity ?? 1 : 0)
        return InvoiceLine(
            id: RandomID.make("il_", length: 24), item: item.id, price: price.id, product: price.product,
            description: state.products[price.product]?.name ?? price.product, period: period,
            isProration: share != 1, unitAmount: price.unitAmount, usage: usage, quantity: quantity,
            amount: InvoiceLine.whole(quantity * price.unitAmount * share))
    }

    /// The invoice as of now: the lines of a draft follow the usage that came since.
    func current(_ invoice: Invoice) -> Invoice {
        guard invoice.status == .draft else { return invoice }
        var current = invoice
        for index in current.lines.indices {
            let line = current.lines[index]
            switch line.usage {
            case nil: continue
            case .meter(let meter): current.lines[index].setUsage(usage(of: meter, invoice.customer, line.period))
            case .records(let aggregate):
                guard let item = state.subscriptions.item(line.item)?.item else { continue }
                current.lines[index].setUsage(legacyUsage(of: item, aggregate, in: line.period))
            }
        }
        return current
    }

    /// What a customer used of a meter in a period, by the events' timestamps.
    private func usage(of meterID: String, _ customer: String, _ period: Range<Int>) -> Decimal {
        guard !period.isEmpty, let meter = try? state.meters.meter(meterID) else { return 0 }
        // A bucket may begin before the period and hold an event of it, so the events decide.
        let wide = period.lowerBound - meter.bucketSeconds..<period.upperBound
        let rows = state.usage.buckets(meter: meterID, customer: customer, in: wide).values
            .filter { period.contains($0.lastTimestamp) }
        return rows.isEmpty ? 0 : UsageRow.aggregate(Array(rows), meter.formula)
    }
}
