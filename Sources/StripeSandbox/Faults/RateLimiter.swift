/// A token bucket over all requests, as deep as one second's worth. Without a rate it admits everything.
struct RateLimiter: Sendable {
    let requestsPerSecond: Int?
    private var tokens = 0.0
    private var filledAt = 0.0

    init(requestsPerSecond: Int?) {
        self.requestsPerSecond = requestsPerSecond
        tokens = Double(requestsPerSecond ?? 0)
    }

    /// - Parameter seconds: The machine's clock; the sandbox clock jumps, and a jump must not fill the bucket.
    mutating func admits(at seconds: Double) -> Bool {
        guard let requestsPerSecond else { return true }
        let rate = Double(requestsPerSecond)
        if filledAt > 0 { tokens = min(rate, tokens + max(0, seconds - filledAt) * rate) }
        filledAt = seconds
        guard tokens >= 1 else { return false }
        tokens -= 1
        return true
    }
}
