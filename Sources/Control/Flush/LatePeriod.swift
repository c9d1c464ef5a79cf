/// A period whose books have closed, with hours that are owed.
struct LatePeriod: Sendable, Hashable {
    let tenant: String
    let meter: String
    /// Its start and end, at whole hours, seconds since the Unix epoch.
    let start: Int64
    let end: Int64
    let destination: Destination

    /// Where it is read what Stripe has of the period.
    enum Destination: Sendable, Hashable {
        case meter(id: String, customer: String)
        case item(String)

        /// As Redis keeps it with an acknowledgement.
        var place: String {
            switch self {
            case .meter(let id, let customer): "\(id) \(customer)"
            case .item(let item): item
            }
        }
    }
}
