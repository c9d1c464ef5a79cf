/// The limiters before all endpoints: rates, and requests in progress.
struct RateGate: Sendable {
    var limits: RateLimits {
        didSet {
            global = RateLimiter(requestsPerSecond: limits.global)
            endpoints = [:]
        }
    }

    private var global: RateLimiter
    private var endpoints: [String: RateLimiter] = [:]
    private var inProgress = 0
    private var inProgressAt: [String: Int] = [:]

    init(limits: RateLimits) {
        self.limits = limits
        global = RateLimiter(requestsPerSecond: limits.global)
    }

    /// - Parameters:
    ///   - route: The endpoint; nil for a URL that is none.
    ///   - seconds: The machine's clock; the sandbox clock jumps, and a jump must not fill the buckets.
    /// - Returns: Why the request is refused; nil when it is let through.
    mutating func refusal(of route: Route?, at seconds: Double) -> RateLimitReason? {
        if let limit = limits.globalConcurrency, inProgress >= limit { return .globalConcurrency }
        let family = route?.family ?? .other
        if let route {
            if let limit = limits.endpointConcurrency, inProgressAt[route.name, default: 0] >= limit {
                return .endpointConcurrency
            }
            if let rate = limits.rate(family) {
                var limiter = endpoints[route.name] ?? RateLimiter(requestsPerSecond: rate)
                let isAdmitted = limiter.admits(at: seconds)
                endpoints[route.name] = limiter
                guard isAdmitted else { return .endpointRate }
            }
        }
        guard limits.isGlobal(family) else { return nil }
        return global.admits(at: seconds) ? nil : .globalRate
    }

    mutating func enter(_ route: Route) {
        inProgress += 1
        inProgressAt[route.name, default: 0] += 1
    }

    mutating func leave(_ route: Route) {
        inProgress -= 1
        inProgressAt[route.name, default: 0] -= 1
    }
}
