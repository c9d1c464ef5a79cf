/// `/v1/invoices`.
extension Account {
    /// The parameters of `GET /v1/invoices`.
    static let invoiceListParameters: [Parameter] =
        Page.parameters + [
            .optional("customer", .text()), .optional("expand", .list(.text(), maximum: 20)),
            .optional("status", .choice(["draft", "open", "paid", "uncollectible", "void"])),
            .optional("subscription", .text()),
            .optional("collection_method", .choice(["charge_automatically", "send_invoice"])),
            Parameter.optional("customer_account", .unsupported).only(.endive),
        ] + Parameter.unsupported(["created", "due_date"])

    func retrieveInvoice(_ id: String, _ version: APIVersion) throws(APIError) -> JSONValue {
        body(of: try state.invoices.invoice(id), in: version)
    }

    func listInvoices(_ arguments: Arguments, _ version: APIVersion) throws(APIError) -> JSONValue {
        let status = arguments.text("status")
        let customer = arguments.text("customer")
        let subscription = arguments.text("subscription")
        return try Page.cut(
            state.invoices.newestFirst, arguments, url: "/v1/invoices", noun: "invoice", id: \.id,
            isIncluded: { invoice in
                status.map { $0 == invoice.status.rawValue } ?? true
                    && customer.map { $0 == invoice.customer } ?? true
                    && subscription.map { $0 == invoice.subscription } ?? true
                    && arguments.text("collection_method") != "send_invoice"
            }, body: { body(of: $0, in: version) })
    }

    /// Finalises a draft before its time (docs.stripe.com/api/invoices/finalize).
    func finalizeInvoice(_ id: String, _ arguments: Arguments, _ version: APIVersion) throws(APIError) -> JSONValue {
        let invoice = try state.invoices.invoice(id)
        guard invoice.status == .draft else {
            throw .invalid("This invoice is already finalized, you can't re-finalize a non-draft invoice.")
        }
        let advances = arguments["auto_advance"] != .boolean(false)
        finalize(invoice, at: now, pays: advances && state.invoices.paysAutomatically)
        return try retrieveInvoice(id, version)
    }

    func payInvoice(_ id: String, _ version: APIVersion) throws(APIError) -> JSONValue {
        var invoice = try state.invoices.invoice(id)
        guard invoice.status != .paid else { throw .invalid("Invoice is already paid") }
        if invoice.status == .draft {
            finalize(invoice, at: now, pays: false)
            invoice = try state.invoices.invoice(id)
        }
        pay(invoice, at: now)
        return try retrieveInvoice(id, version)
    }

    func body(of invoice: Invoice, in version: APIVersion) -> JSONValue {
        current(invoice).body(in: version, customer(of: invoice), state.prices)
    }
}
