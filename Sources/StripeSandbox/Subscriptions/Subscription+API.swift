/// `subscription` in Stripe's API: its parameters and its body.
extension Subscription {
    /// Parameters of create and update alike that the sandbox has not.
    private static let refused: [Parameter] =
        Parameter.unsupported([
            "add_invoice_items", "application_fee_percent", "automatic_tax", "cancel_at", "days_until_due",
            "default_payment_method", "default_source", "default_tax_rates", "discounts", "invoice_settings",
            "on_behalf_of", "payment_settings", "pending_invoice_item_interval", "transfer_data", "trial_end",
            "trial_from_plan", "trial_settings",
        ]) + [
            Parameter.optional("coupon", .unsupported).only(.acacia),
            Parameter.optional("promotion_code", .unsupported).only(.acacia),
            Parameter.optional("billing_thresholds", .unsupported).only(.acacia, .endive),
            Parameter.optional("billing_schedules", .unsupported).only(.endive),
        ]

    private static let shared: [Parameter] =
        refused + [
            .optional("cancel_at_period_end", .boolean),
            .optional(
                "collection_method", .partialChoice(["charge_automatically"], unsupported: ["send_invoice"])),
            .clearable("description", .text(maximum: 500)),
            .optional("expand", .list(.text(), maximum: 20)),
            .clearable("metadata", .metadata),
            .optional("off_session", .boolean),
            .optional(
                "payment_behavior",
                .partialChoice(
                    ["allow_incomplete", "error_if_incomplete"],
                    unsupported: ["default_incomplete", "pending_if_incomplete"])),
            .optional(
                "proration_behavior",
                .partialChoice(["create_prorations", "none"], unsupported: ["always_invoice"])),
        ]

    private static let itemParameters: [Parameter] =
        [.optional("price", .text()), .optional("quantity", .integer(0...999_999_999))]
        + Parameter.unsupported(["discounts", "plan", "price_data", "tax_rates"]) + [
            Parameter.optional("billing_thresholds", .unsupported).only(.acacia, .endive),
            Parameter.optional("current_trial", .unsupported).only(.endive),
        ]

    /// The most items a subscription may have (docs.stripe.com/billing/subscriptions/multiple-products).
    static let maximumItems = 20

    /// The parameters of `POST /v1/subscriptions`.
    static let createParameters: [Parameter] =
        shared + [
            .optional("backdate_start_date", .unsupported),
            .optional("billing_cycle_anchor", .integer(0...SandboxClock.latest)),
            .optional("billing_cycle_anchor_config", .unsupported),
            Parameter.optional("billing_mode", .unsupported).only(.endive),
            .optional("currency", .text(maximum: 3)),
            .required("customer", .text()),
            Parameter.optional("customer_account", .unsupported).only(.endive),
            .optional(
                "items", .list(.object(itemParameters + [.optional("metadata", .metadata)]), maximum: maximumItems)),
            .optional("trial_period_days", .unsupported),
        ]

    private static let anchor = ParameterShape.choice(["now", "unchanged"])

    /// The parameters of `POST /v1/subscriptions/{id}`.
    static let updateParameters: [Parameter] =
        shared + [
            Parameter.optional("billing_cycle_anchor", anchor).only(.acacia, .basil),
            Parameter.optional("billing_cycle_anchor", .object([.required("type", anchor)])).only(.endive),
            .optional("cancellation_details", .object(cancellationParameters)),
            .optional(
                "items",
                .list(
                    .object(
                        itemParameters + [
                            .optional("id", .text()), .clearable("metadata", .metadata),
                            .optional("deleted", .boolean), .optional("clear_usage", .boolean),
                        ]), maximum: maximumItems)),
            .optional("pause_collection", .unsupported),
            .optional("proration_date", .unsupported),
        ]

    private static let cancellationParameters: [Parameter] = [
        .clearable("comment", .text()),
        .clearable(
            "feedback",
            .choice([
                "customer_service", "low_quality", "missing_features", "other", "switched_service", "too_complex",
                "too_expensive", "unused",
            ])),
        Parameter.optional("feedback_option", .unsupported).only(.endive),
    ]

    /// The parameters of `DELETE /v1/subscriptions/{id}`.
    static let cancelParameters: [Parameter] = [
        .optional("cancellation_details", .object(cancellationParameters)),
        .optional("expand", .list(.text(), maximum: 20)),
        .optional("invoice_now", .boolean),
        .optional("prorate", .boolean),
    ]

    /// The parameters of `GET /v1/subscriptions`.
    static let listParameters: [Parameter] =
        Page.parameters + [
            .optional("customer", .text()), .optional("expand", .list(.text(), maximum: 20)),
            .optional("price", .text()),
            .optional("status", .choice(Status.allCases.map(\.rawValue) + ["all", "ended"])),
            .optional("collection_method", .choice(["charge_automatically", "send_invoice"])),
            Parameter.optional("customer_account", .unsupported).only(.endive),
        ]
        + Parameter.unsupported([
            "automatic_tax", "created", "current_period_end", "current_period_start", "plan", "test_clock",
        ])
}
