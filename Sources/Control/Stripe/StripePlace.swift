/// Where usage goes at Stripe, and where it is read what Stripe has of it.
enum StripePlace: Sendable, Hashable {
    /// A meter (`mtr_…`), for a customer (`cus_…`).
    case meter(id: String, customer: String)
    /// A subscription item (`si_…`).
    case item(String)

    /// A meter and customer as Redis keeps them; nil where it keeps none, or an item.
    init?(meter text: String?) {
        let parts = text?.split(separator: " ") ?? []
        guard parts.count == 2 else { return nil }
        self = .meter(id: String(parts[0]), customer: String(parts[1]))
    }

    /// As Redis keeps it with an hour that was sent there.
    var text: String {
        switch self {
        case .meter(let id, let customer): "\(id) \(customer)"
        case .item(let item): item
        }
    }

    /// The same for what is stamped so (Unix seconds). A usage record is of the period in which its stamp lies, which
    /// need not be that of the hour's start.
    func text(stamp: Int64, of hour: Int64) -> String {
        guard case .item = self, stamp != hour * 3600 else { return text }
        return "\(text)@\(stamp)"
    }
}
