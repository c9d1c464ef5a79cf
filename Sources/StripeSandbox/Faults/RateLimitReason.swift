/// Which limit a 429 was for: the values of `Stripe-Rate-Limited-Reason` (docs.stripe.com/rate-limits).
enum RateLimitReason: String, CaseIterable, Sendable {
    case globalRate = "global-rate"
    case globalConcurrency = "global-concurrency"
    case endpointRate = "endpoint-rate"
    case endpointConcurrency = "endpoint-concurrency"
    case resourceSpecific = "resource-specific"
}
