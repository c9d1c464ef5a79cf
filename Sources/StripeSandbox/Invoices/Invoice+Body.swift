import FoundationEssentials

/// The bodies of invoices and their lines. Since 2025-03-31.basil the subscription stands under `parent`, and a line's
/// price under `pricing` (docs.stripe.com/changelog/basil/2025-03-31/adds-new-parent-field-to-invoicing-objects).
extension Invoice {
    private static let plain: [String: JSONValue] = [
        "object": .text("invoice"), "account_country": .text("US"), "account_name": .null, "account_tax_ids": .null,
        "amount_shipping": .integer(0), "application": .null,
        "automatic_tax": .object([
            "disabled_reason": .null, "enabled": .boolean(false), "liability": .null, "status": .null,
        ]),
        "collection_method": .text("charge_automatically"), "custom_fields": .null,
        "customer_tax_exempt": .text("none"), "customer_tax_ids": .list([]), "default_payment_method": .null,
        "default_source": .null, "default_tax_rates": .list([]), "description": .null, "discounts": .list([]),
        "due_date": .null, "footer": .null, "from_invoice": .null, "hosted_invoice_url": .null,
        "invoice_pdf": .null, "issuer": .object(["type": .text("self")]), "last_finalization_error": .null,
        "latest_revision": .null, "livemode": .boolean(false), "metadata": .object([:]),
        "next_payment_attempt": .null, "on_behalf_of": .null,
        "payment_settings": .object([
            "default_mandate": .null, "payment_method_options": .null, "payment_method_types": .null,
        ]),
        "post_payment_credit_notes_amount": .integer(0), "pre_payment_credit_notes_amount": .integer(0),
        "receipt_number": .null, "rendering": .null, "shipping_cost": .null, "shipping_details": .null,
        "starting_balance": .integer(0), "statement_descriptor": .null, "test_clock": .null,
        "total_discount_amounts": .list([]), "total_pretax_credit_amounts": .list([]),
    ]

    /// The invoice as the `invoice` schema of a version has it.
    func body(in version: APIVersion, _ customer: Customer?, _ prices: PriceTable) -> JSONValue {
        var members = Self.plain.merging(amounts) { _, new in new }
        members.merge(state) { _, new in new }
        members["id"] = .text(id)
        members["billing_reason"] = .text(reason.rawValue)
        members["created"] = .integer(created)
        members["currency"] = .text(currency)
        members["customer"] = .text(self.customer)
        for name in ["address", "email", "name", "phone", "shipping"] {
            members["customer_\(name)"] = customer?.attributes[name] ?? .null
        }
        members["period_start"] = .integer(period.lowerBound)
        members["period_end"] = .integer(period.upperBound)
        members["lines"] = .object([
            "object": .text("list"), "has_more": .boolean(false), "total_count": .integer(lines.count),
            "url": .text("/v1/invoices/\(id)/lines"),
            "data": .list(lines.map { $0.body(in: version, of: self, prices) }),
        ])
        members.merge(version == .acacia ? acaciaMembers : basilMembers) { _, new in new }
        if version == .endive { members["amount_paid_off_stripe"] = .integer(0) }
        return .object(members)
    }

    private var amounts: [String: JSONValue] {
        let paid = status == .paid ? total : 0
        return [
            "amount_due": .integer(total), "amount_paid": .integer(paid), "amount_remaining": .integer(total - paid),
            "subtotal": .integer(total), "subtotal_excluding_tax": .integer(total), "total": .integer(total),
            "total_excluding_tax": .integer(total),
        ]
    }

    private var state: [String: JSONValue] {
        [
            "attempt_count": .integer(paidAt == nil ? 0 : 1), "attempted": .boolean(paidAt != nil),
            "auto_advance": .boolean(automaticallyFinalizesAt != nil),
            "automatically_finalizes_at": .optional(automaticallyFinalizesAt),
            "effective_at": .optional(finalizedAt), "ending_balance": finalizedAt == nil ? .null : .integer(0),
            "number": .optional(number), "status": .text(status.rawValue),
            "status_transitions": .object([
                "finalized_at": .optional(finalizedAt), "marked_uncollectible_at": .null,
                "paid_at": .optional(paidAt), "voided_at": .null,
            ]),
            "webhooks_delivered_at": .integer(created),
        ]
    }

    private var acaciaMembers: [String: JSONValue] {
        [
            "application_fee_amount": .null, "charge": .null, "discount": .null, "paid": .boolean(status == .paid),
            "paid_out_of_band": .boolean(false), "payment_intent": .null, "quote": .null,
            "subscription": .text(subscription),
            "subscription_details": .object(["metadata": Metadata.body(subscriptionMetadata)]), "tax": .null,
            "total_tax_amounts": .list([]), "transfer_data": .null,
        ]
    }

    private var basilMembers: [String: JSONValue] {
        [
            "amount_overpaid": .integer(0), "confirmation_secret": .null, "total_taxes": .list([]),
            "parent": .object([
                "type": .text("subscription_details"), "quote_details": .null,
                "subscription_details": .object([
                    "metadata": Metadata.body(subscriptionMetadata), "subscription": .text(subscription),
                ]),
            ]),
        ]
    }
}

extension InvoiceLine {
    /// The line as the `line_item` schema of a version has it.
    fileprivate func body(in version: APIVersion, of invoice: Invoice, _ prices: PriceTable) -> JSONValue {
        var members: [String: JSONValue] = [
            "id": .text(id), "object": .text("line_item"), "amount": .integer(amount),
            "currency": .text(invoice.currency), "description": .text(description), "discount_amounts": .list([]),
            "discountable": .boolean(true), "discounts": .list([]), "invoice": .text(invoice.id),
            "livemode": .boolean(false), "metadata": .object([:]),
            "period": .object(["start": .integer(period.lowerBound), "end": .integer(period.upperBound)]),
            "quantity": .integer(Self.whole(quantity)),
        ]
        members.merge(version == .acacia ? acaciaMembers(invoice, prices) : basilMembers(invoice)) { _, new in new }
        if version == .endive { members["quantity_decimal"] = .text(quantity.description) }
        return .object(members)
    }

    private func acaciaMembers(_ invoice: Invoice, _ prices: PriceTable) -> [String: JSONValue] {
        [
            "amount_excluding_tax": .integer(amount), "price": prices[price]?.body(in: .acacia) ?? .null,
            "plan": .null, "proration": .boolean(isProration),
            "proration_details": .object(["credited_items": .null]), "subscription": .text(invoice.subscription),
            "subscription_item": .text(item), "tax_amounts": .list([]), "tax_rates": .list([]),
            "type": .text("subscription"), "unit_amount_excluding_tax": .text(unitAmount.description),
        ]
    }

    private func basilMembers(_ invoice: Invoice) -> [String: JSONValue] {
        [
            "parent": .object([
                "type": .text("subscription_item_details"), "invoice_item_details": .null,
                "subscription_item_details": .object([
                    "invoice_item": .null, "proration": .boolean(isProration),
                    "proration_details": .object(["credited_items": .null]),
                    "subscription": .text(invoice.subscription), "subscription_item": .text(item),
                ]),
            ]),
            "pretax_credit_amounts": .list([]),
            "pricing": .object([
                "type": .text("price_details"),
                "price_details": .object(["price": .text(price), "product": .text(product)]),
                "unit_amount_decimal": .text(unitAmount.description),
            ]),
            "taxes": .list([]),
        ]
    }
}
