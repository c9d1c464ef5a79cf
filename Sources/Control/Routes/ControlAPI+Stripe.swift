import StripeAPI

extension ControlAPI {
    /// A part of holding the catalogue against Stripe, and of making what is missing there with `apply`.
    func setUpStripe(_ request: ControlRequest) async throws -> ControlAnswer {
        try request.allowQuery()
        let body = try RequestFields(request, allowing: "after", "apply", "run")
        let isApplying = try body.flag("apply")
        let place: SetupPlace
        if let text = try body.cursor("after") {
            guard let read = SetupPlace(text) else {
                throw Problem.badRequest(
                    "after is what an earlier page gave as next, not \"\(text)\"", code: "bad_cursor")
            }
            place = read
        } else {
            place = .meters(0)
        }
        guard let run = try body.text("run") ?? (isApplying ? nil : "dry"), Self.isRunName(run) else {
            throw Problem.badRequest(
                "run: name the run with 1 to 64 of A-Z a-z 0-9 -, the same name for all its parts", code: "bad_field")
        }
        let setup = StripeSetup(
            stripe: try stripeClient(), retry: stripeRetry, catalogue: context.catalogue(), isApplying: isApplying,
            run: run, actor: request.actor, logger: context.logger)
        return .json(try await Self.relayed { try await setup.page(from: place) }.view)
    }

    /// A page of making tenants of an account's customers.
    func importFromStripe(_ request: ControlRequest) async throws -> ControlAnswer {
        try request.allowQuery()
        let wanted = try ImportRequest(request)
        let run = StripeImport(
            context: context, stripe: try stripeClient(), retry: stripeRetry, request: wanted,
            actor: request.actor)
        return .json(try await Self.relayed { try await run.page() }.view)
    }

    private var stripeRetry: StripeRetry { StripeRetry(clock: context.clock) }

    private func stripeClient() throws(Problem) -> StripeClient {
        guard let stripe = context.stripe else {
            throw .conflict("the daemon has no STRIPE_SECRET_KEY: give it one and restart it", code: "no_key")
        }
        return stripe
    }

    /// What Stripe could not do is no fault of this program's.
    private static func relayed<Value>(_ work: () async throws -> Value) async throws -> Value {
        do {
            return try await work()
        } catch let error as StripeError {
            throw Problem(
                status: 502, title: "Bad Gateway", detail: "Stripe: \(error)", code: "stripe",
                headers: error.isRetryable ? [("Retry-After", "1")] : [])
        }
    }

    private static func isRunName(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}
