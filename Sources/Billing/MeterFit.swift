/// Whether usage may be sent to an event name. Running totals (`stripe.mode: window`) may go only to a meter that keeps
/// the newest event of each hour: any other adds every total to those before it and bills usage again and again. Ranges
/// (`sum`) may go only to one that adds: any other drops all but the last of an hour.
public enum MeterFit: Sendable, Equatable {
    /// Totals may go to this meter.
    case fit(MeterFacts)
    /// Nothing may be sent; the sentence says why and what to do.
    case unfit(String)

    /// Judges what Stripe has under an event name, given all meters of that name, active and not.
    ///
    /// - Parameter adds: whether ranges are sent, which the meter has to add up; otherwise running totals.
    public static func judge(eventName: String, meters: [MeterFacts], adds: Bool = false) -> MeterFit {
        guard let meter = meters.first(where: { $0.status == "active" }) else {
            guard let inactive = meters.first else {
                let window = adds ? "no" : "hour"
                return .unfit(
                    "Stripe has no meter for the event name \(eventName): "
                        + "`tollgate stripe setup --apply` makes one (sum, \(window) window)")
            }
            return .unfit("\(name(inactive, eventName)) is \(inactive.status): reactivate it at Stripe")
        }
        let subject = name(meter, eventName)
        // Of a meter only the display name can be changed (docs.stripe.com/api/billing/meter/update), so the way out is
        // another meter.
        guard meter.formula == "sum" else {
            return .unfit("\(subject) has the formula \(meter.formula); it must be sum: create another meter")
        }
        switch meter.eventTimeWindow {
        case let window? where adds:
            return .unfit(
                "\(subject) has an event_time_window of \(window), so it would keep only the last range of each; it "
                    + "must have none: create another meter")
        case "hour": break
        case nil where adds: break
        case let window?:
            return .unfit("\(subject) has an event_time_window of \(window); it must be hour: create another meter")
        case nil:
            return .unfit(
                "\(subject) has no event_time_window, so it would bill every running total again; it must be hour: "
                    + "create another meter")
        }
        if let mapping = meter.customerMappingType, mapping != "by_id" {
            return .unfit("\(subject) maps customers \(mapping); it must be by_id: create another meter")
        }
        return .fit(meter)
    }

    private static func name(_ meter: MeterFacts, _ eventName: String) -> String {
        "the meter \(meter.id) of the event name \(eventName)"
    }
}
