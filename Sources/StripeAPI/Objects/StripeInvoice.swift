/// Stripe's `invoice` (docs.stripe.com/api/invoices/object), in one shape whatever the API version.
public struct StripeInvoice: Sendable, Equatable, Decodable, ListElement {
    /// `in_…`.
    public let id: String
    /// `draft`, `open`, `paid`, `uncollectible` or `void`; nil where Stripe leaves it out.
    public let status: String?
    /// `cus_…`.
    public let customer: String?
    /// `sub_…`; nil for an invoice of no subscription. Up to acacia `subscription`, since basil in `parent`
    /// (docs.stripe.com/changelog/basil/2025-03-31/adds-new-parent-field-to-invoicing-objects).
    public let subscriptionID: String?
    /// The start of what it bills usage for, seconds since the Unix epoch.
    public let periodStart: Int64
    /// The end of that, seconds since the Unix epoch.
    public let periodEnd: Int64
    /// When Stripe finalises the draft, seconds since the Unix epoch: an hour after it was made unless the account says
    /// otherwise; until then usage of its period still counts (docs.stripe.com/billing/subscriptions/usage-based).
    /// Nil once it is finalised, and for a draft that waits for a person.
    public let automaticallyFinalizesAt: Int64?
    /// Seconds since the Unix epoch.
    public let created: Int64

    /// Reads Stripe's object; fields it does not name are ignored.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        id = try values.decode(String.self, forKey: .id)
        status = try values.decodeIfPresent(String.self, forKey: .status)
        customer = try values.decodeIfPresent(ExpandableID.self, forKey: .customer)?.id
        let parent = try values.decodeIfPresent(Parent.self, forKey: .parent)
        subscriptionID =
            try values.decodeIfPresent(ExpandableID.self, forKey: .subscription)?.id
            ?? parent?.subscriptionDetails?.subscription?.id
        periodStart = try values.decode(Int64.self, forKey: .periodStart)
        periodEnd = try values.decode(Int64.self, forKey: .periodEnd)
        automaticallyFinalizesAt = try values.decodeIfPresent(Int64.self, forKey: .automaticallyFinalizesAt)
        created = try values.decode(Int64.self, forKey: .created)
    }

    private enum CodingKeys: String, CodingKey {
        case id, status, customer, subscription, parent, created
        case periodStart = "period_start"
        case periodEnd = "period_end"
        case automaticallyFinalizesAt = "automatically_finalizes_at"
    }

    private struct Parent: Decodable {
        let subscriptionDetails: Details?

        struct Details: Decodable {
            let subscription: ExpandableID?
        }

        enum CodingKeys: String, CodingKey {
            case subscriptionDetails = "subscription_details"
        }
    }
}
