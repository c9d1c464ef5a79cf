import Billing
import Logging
import RedisLink

extension Flusher {
    /// Where each hour stands, for operators: by what is known already, without a call to Stripe.
    func states(of hours: [StoredHour]) async throws(StoreError) -> [OwedState] {
        guard !hours.isEmpty else { return [] }
        let tenants = try await tenants(of: hours)
        let redisNow = try await context.store.time()
        let now = context.now()
        let judge = try await judge(context.catalogue(), tenants)
        let keys = context.store.keys
        let successions = try await context.store.successions(of: Set(hours.map { keys.partition(of: $0.key.tenant) }))
        return hours.map { hour in
            if let until = hour.sendingUntil, until > redisNow { return .sending }
            if context.stripe == nil { return .noKey }
            switch judge.judge(hour, tenant: tenants[hour.key.tenant]) {
            case .hold(let state) where state != .owed: return state
            case .late: return .late(until: now)
            case .tooOld: return .tooOld
            case .hold: break
            case .send(let order) where !order.isMeterEvent && hour.total < 0 && hour.acknowledged == 0: return .credit
            case .send(let order):
                let since = successions[keys.partition(of: hour.key.tenant)]?.since ?? 0
                if order.form == .total, hour.key.hour * 3_600_000_000 <= since,
                    since + sendTimes.mark * 1000 > redisNow
                {
                    return .sending
                }
            }
            return backoff.hold(on: OwedHour(hour).key, now: now) ?? .owed
        }
    }
}
