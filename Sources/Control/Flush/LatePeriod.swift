/// A period whose books have closed, with hours that are owed.
struct LatePeriod: Sendable, Hashable {
    let tenant: String
    let meter: String
    /// Its start and end, at whole hours, seconds since the Unix epoch.
    let start: Int64
    let end: Int64
    /// Where it is read what Stripe has of the period.
    let place: StripePlace
}
