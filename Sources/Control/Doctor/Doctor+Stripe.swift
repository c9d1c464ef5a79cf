import Billing
import Metering
import StripeAPI

extension Doctor {
    /// Stripe itself, then each meter of the catalogue that is billed.
    func stripeChecks() async -> [DoctorReport.Check] {
        let billed = catalogue.billedMeters
        guard let stripe else {
            let hint = "no STRIPE_SECRET_KEY: usage is counted and stays owed"
            return [.init("stripe", billed.isEmpty ? .ok : .warning, billed.isEmpty ? "no meter is billed" : hint)]
        }
        let meters: [BillingMeter]
        do {
            meters = try await stripe.listMeters()
        } catch {
            return [.init("stripe", .fault, error.description)]
        }
        return [.init("stripe", .ok, "reachable, and it takes the key")] + billed.map { check($0, meters) }
    }

    private func check(_ meter: Meter, _ meters: [BillingMeter]) -> DoctorReport.Check {
        let event = meter.stripe?.eventName ?? ""
        let name = "meter \(meter.name)"
        switch MeterFit.judge(
            eventName: event, meters: meters.filter { $0.eventName == event }.map { MeterFacts($0) })
        {
        case .fit(let facts): return .init(name, .ok, "event name \(event), \(facts.id)")
        case .unfit(let why): return .init(name, .fault, "nothing is sent: \(why)")
        }
    }
}
