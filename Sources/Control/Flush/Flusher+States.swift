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
        let judge = HourJudge(catalogue: context.catalogue(), fit: book.fit, now: now / 1000)
        return hours.map { hour in
            if let until = hour.sendingUntil, until > redisNow { return .sending }
            if context.stripe == nil { return .noKey }
            if case .hold(let state) = judge.judge(hour, tenant: tenants[hour.key.tenant]), state != .owed {
                return state
            }
            return backoff.hold(on: OwedHour(hour).key, now: now) ?? .owed
        }
    }
}
