/// The bodies of subscriptions and their items. Until acacia the period stands on the subscription, since
/// 2025-03-31.basil on each item
/// (docs.stripe.com/changelog/basil/2025-03-31/deprecate-subscription-current-period-start-and-end).
extension Subscription {
    private static let plain: [String: JSONValue] = [
        "object": .text("subscription"), "application": .null, "application_fee_percent": .null,
        "automatic_tax": .object(["disabled_reason": .null, "enabled": .boolean(false), "liability": .null]),
        "billing_cycle_anchor_config": .null, "collection_method": .text("charge_automatically"),
        "days_until_due": .null, "default_payment_method": .null, "default_source": .null,
        "default_tax_rates": .list([]), "discounts": .list([]),
        "invoice_settings": .object(["account_tax_ids": .null, "issuer": .object(["type": .text("self")])]),
        "livemode": .boolean(false), "next_pending_invoice_item_invoice": .null, "on_behalf_of": .null,
        "pause_collection": .null,
        "payment_settings": .object([
            "payment_method_options": .null, "payment_method_types": .null,
            "save_default_payment_method": .text("off"),
        ]),
        "pending_invoice_item_interval": .null, "pending_setup_intent": .null, "pending_update": .null,
        "schedule": .null, "test_clock": .null, "transfer_data": .null, "trial_end": .null,
        "trial_settings": .object([
            "end_behavior": .object(["missing_payment_method": .text("create_invoice")])
        ]),
        "trial_start": .null,
    ]

    /// The subscription as the `subscription` schema of a version has it.
    func body(in version: APIVersion, _ prices: PriceTable) -> JSONValue {
        var members = Self.plain
        members["id"] = .text(id)
        members["billing_cycle_anchor"] = .integer(billingCycleAnchor)
        members["cancel_at"] = .optional(cancelAt)
        members["cancel_at_period_end"] = .boolean(isCancelledAtPeriodEnd)
        members["canceled_at"] = .optional(canceledAt)
        members["cancellation_details"] = .object(
            ["comment": .null, "feedback": .null, "reason": .null].merging(cancellation) { _, set in set })
        members["created"] = .integer(created)
        members["currency"] = .text(currency)
        members["customer"] = .text(customer)
        members["description"] = .optional(description)
        members["ended_at"] = .optional(endedAt)
        members["items"] = .object([
            "object": .text("list"), "has_more": .boolean(false), "total_count": .integer(items.count),
            "url": .text("/v1/subscription_items?subscription=\(id)"),
            "data": .list(items.map { $0.body(in: version, of: id, prices) }),
        ])
        members["latest_invoice"] = .optional(latestInvoice)
        members["metadata"] = Metadata.body(metadata)
        members["start_date"] = .integer(created)
        members["status"] = .text(status.rawValue)
        switch version {
        case .acacia:
            members["current_period_start"] = .optional(items.first?.period.lowerBound)
            members["current_period_end"] = .optional(items.first?.period.upperBound)
            members["billing_thresholds"] = .null
            members["discount"] = .null
        case .basil: break
        case .endive:
            members["billing_mode"] = .object(["type": .text("classic")])
            members["billing_schedules"] = .list([])
            members["billing_thresholds"] = .null
        }
        return .object(members)
    }
}

extension SubscriptionItem {
    /// The item as the `subscription_item` schema of a version has it.
    func body(in version: APIVersion, of subscription: String, _ prices: PriceTable) -> JSONValue {
        var members: [String: JSONValue] = [
            "id": .text(id), "object": .text("subscription_item"), "created": .integer(created),
            "discounts": .list([]), "metadata": Metadata.body(metadata), "subscription": .text(subscription),
            "price": prices[price]?.body(in: version) ?? .null, "tax_rates": .list([]),
        ]
        if let quantity { members["quantity"] = .integer(quantity) }
        if version != .basil { members["billing_thresholds"] = .null }
        if version != .acacia {
            members["current_period_start"] = .integer(period.lowerBound)
            members["current_period_end"] = .integer(period.upperBound)
        }
        return .object(members)
    }
}
