/// The names of keys of one partition. What they begin with is made once; the tenants named must be the partition's.
public struct PartitionKeys: Sendable {
    /// Such as `tg:{p007}:`.
    let tag: String

    /// The hours owed to Stripe.
    public var owed: String { tag + "owed" }

    /// Hours that Stripe refused for good, each with why.
    public var dead: String { tag + "dead" }

    /// Hours that are to be compared with what Stripe recorded, by when.
    public var checks: String { tag + "checks" }

    /// Which daemon sends the partition's hours, and until when.
    public var claim: String { tag + "claim" }

    /// The draft invoices of the partition's tenants.
    public var drafts: String { tag + "drafts" }

    /// Stripe's customers, each with its tenant.
    public var customers: String { tag + "customers" }

    /// The tenants that have grants, by when somebody has to settle something of them.
    public var grants: String { tag + "grants" }

    /// Which life of Redis the partition is in, and whether it still learns.
    public var life: String { tag + "life" }

    /// The channel on which its holders hear that somebody waits.
    public var recalls: String { tag + "recalls" }

    /// What was changed or noticed of its tenants, by whom and why.
    public var audit: String { tag + "audit" }

    /// Notices that have not been delivered yet.
    public var notices: String { tag + "notices" }

    /// A tenant's record.
    public func tenant(_ id: String) -> String { "\(tag)t:\(id)" }

    /// What a tenant used of a counter in the period that starts at `period` (unix seconds).
    public func usage(_ tenant: String, _ meter: String, period: Int64) -> String {
        "\(tag)u:\(meter):\(period):\(tenant)"
    }

    /// The totals of each hour of a UTC day (days since 1970), holder by holder, and what Stripe acknowledged.
    public func day(_ tenant: String, _ meter: String, day: Int64) -> String { "\(tag)h:\(meter):\(day):\(tenant)" }

    /// A level.
    public func level(_ tenant: String, _ meter: String) -> String { "\(tag)l:\(meter):\(tenant)" }
}
