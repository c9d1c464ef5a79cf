/// The invoices of the account in the order they were created.
struct InvoiceTable: Codable, Sendable {
    private var byID: [String: Invoice] = [:]
    private var order: [String] = []
    /// Those that are not finalised yet, in the order they were created.
    private(set) var drafts: [String] = []
    /// How long new drafts wait for their finalisation.
    var finalizeAfterSeconds = Invoice.usualDelaySeconds
    /// Whether a finalised invoice is paid at once.
    var paysAutomatically = true

    /// All of them, newest first.
    var newestFirst: [Invoice] { order.reversed().compactMap { byID[$0] } }

    subscript(id: String) -> Invoice? { byID[id] }

    var count: Int { order.count }

    /// Stores a new invoice or a changed one.
    mutating func store(_ invoice: Invoice) {
        if byID.updateValue(invoice, forKey: invoice.id) == nil {
            order.append(invoice.id)
            if invoice.status == .draft { drafts.append(invoice.id) }
        } else if invoice.status != .draft {
            drafts.removeAll { $0 == invoice.id }
        }
    }

    func invoice(_ id: String) throws(APIError) -> Invoice {
        guard let invoice = byID[id] else { throw .noSuch("invoice", id, param: "invoice", status: 404) }
        return invoice
    }
}
