/// Stripe's `v2.core.event`: what stands behind a thin webhook (docs.stripe.com/api/v2/core/events/object).
public struct StripeCoreEvent: Sendable, Equatable, Decodable {
    /// `evt_…`.
    public let id: String
    /// Such as `v1.billing.meter.error_report_triggered`.
    public let type: String
    /// What it is about, such as the meter `mtr_…`; `v1.billing.meter.no_meter_found` is about nothing.
    public let relatedObjectID: String?
    /// What Stripe could not record; nil in events of another kind.
    public let report: MeterErrorReport?

    /// Reads Stripe's object; fields it does not name are ignored.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        id = try values.decode(String.self, forKey: .id)
        type = try values.decode(String.self, forKey: .type)
        relatedObjectID = try values.decodeIfPresent(ExpandableID.self, forKey: .relatedObject)?.id
        let isReport = type == MeterErrorReport.triggeredType || type == MeterErrorReport.noMeterType
        report = isReport ? try values.decodeIfPresent(MeterErrorReport.self, forKey: .data) : nil
    }

    private enum CodingKeys: String, CodingKey {
        case id, type, data
        case relatedObject = "related_object"
    }
}
