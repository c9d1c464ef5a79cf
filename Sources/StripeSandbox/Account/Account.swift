/// The Stripe account that the sandbox plays: all its state, changed by one request at a time. It never touches a
/// socket or a file: requests come in whole, and `changes` says when there is something to save.
actor Account {
    var state: AccountState
    var faults = FaultQueue()
    private var limiter: RateLimiter
    private(set) var log = RequestLog()
    /// Idempotency keys whose first request has not been answered yet.
    private var inFlight: Set<String> = []
    /// How many requests are under way, those that wait for a fault's delay included.
    private(set) var underWay = 0
    /// The request that is being executed.
    private(set) var origin: EventOrigin?
    /// When a period or a draft is due next; nil when that must be looked up.
    var billingDue: Int?
    /// Deliveries that are being posted, and to which endpoint.
    var deliveriesUnderWay: [Int: String] = [:]
    /// The last attempts at deliveries, oldest first.
    var recentAttempts: [JSONValue] = []
    let clock: SandboxClock
    private let changed: AsyncStream<Void>.Continuation

    /// Yields when the state has changed; several changes may come as one.
    nonisolated let changes: AsyncStream<Void>

    private let delivered: AsyncStream<Void>.Continuation
    /// Yields when there may be something to post.
    nonisolated let deliverySignals: AsyncStream<Void>

    init(state: AccountState, requestsPerSecond: Int? = nil, clock: SandboxClock = .system) {
        self.state = state
        self.clock = clock
        limiter = RateLimiter(requestsPerSecond: requestsPerSecond)
        (changes, changed) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        (deliverySignals, delivered) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// The sandbox clock, in seconds since 1970.
    var now: Int { clock.now(offset: state.clockOffsetSeconds) }

    func snapshot() -> AccountState { state }

    func noteChange() { changed.yield() }

    func noteDelivery() { delivered.yield() }

    /// Answers a request to Stripe's API.
    ///
    /// - Throws: `CancellationError` when the sandbox stops during an injected delay.
    func respond(to request: APIRequest) async throws -> Delivery {
        underWay += 1
        defer { underWay -= 1 }
        let match = Route.matching(request)
        let fault = match.flatMap { faults.take(request, pattern: $0.route.pattern) }
        let form = Result { () throws(APIError) in try Self.form(of: request) }
        let requestID = RandomID.make("req_")
        var answer: APIAnswer
        do {
            try admit(request, fault)
            guard let (route, id) = match else { throw Self.unknownURL(request) }
            let call = Call(
                route: route, id: id, version: try APIVersion.requested(by: request), form: try form.get(),
                requestID: requestID, idempotencyKey: request.header("idempotency-key"))
            answer = try await perform(request, call, fault)
        } catch let error as APIError {
            answer = error.answer
        }
        answer.headers["Request-Id"] = requestID
        let version = request.header("stripe-version") ?? APIVersion.accountDefault.rawValue
        if APIVersion(rawValue: version) != nil { answer.headers["Stripe-Version"] = version }
        if fault?.kind == .slowAnswer { try await delay(fault) }
        let isCut = fault?.kind == .reset || fault?.kind == .dropAnswerAfterCommit
        log.record(
            request, route: match?.route, form: (try? form.get()) ?? [:], status: isCut ? nil : answer.status,
            replayed: answer.headers["Idempotent-Replayed"] != nil, at: now)
        switch fault?.kind {
        case .reset: return .reset
        case .dropAnswerAfterCommit: return .close
        default: return .answer(answer)
        }
    }

    /// What stands before the endpoint: the key, the limiter, and the faults that act in their place.
    private func admit(_ request: APIRequest, _ fault: Fault?) throws(APIError) {
        if fault?.kind == .reset { throw APIError.serverFault.beforeExecution }
        try APIKey.check(request)
        if fault?.kind == .rateLimit || !limiter.admits(at: clock.machineSeconds()) { throw .rateLimited }
        if fault?.kind == .error500 { throw APIError.serverFault.beforeExecution }
    }

    /// The idempotency layer around an execution.
    private func perform(_ request: APIRequest, _ call: Call, _ fault: Fault?) async throws -> APIAnswer {
        guard let key = try IdempotencyKey(request, form: call.form) else {
            try await delayExecution(fault)
            return try execute(call, fault).answer
        }
        if inFlight.contains(key.key) { throw key.inFlight }
        if let saved = state.savedAnswers.value(for: key.key, now: now) {
            guard saved.fingerprint == key.fingerprint else { throw key.usedForAnother }
            try await delayExecution(fault)
            var answer = saved.replay
            answer.headers["Idempotency-Key"] = key.key
            return answer
        }
        inFlight.insert(key.key)
        defer { inFlight.remove(key.key) }
        try await delayExecution(fault)
        var (answer, isSaved) = try execute(call, fault)
        if isSaved {
            let saved = SavedAnswer(
                fingerprint: key.fingerprint, status: answer.status, headers: answer.headers,
                body: String(decoding: answer.body, as: UTF8.self), requestID: call.requestID)
            state.savedAnswers.insert(saved, for: key.key, now: now)
            noteChange()
        }
        answer.headers["Idempotency-Key"] = key.key
        answer.headers["Original-Request"] = call.requestID
        return answer
    }

    private func delayExecution(_ fault: Fault?) async throws {
        if fault?.kind != .slowAnswer { try await delay(fault) }
    }

    private func delay(_ fault: Fault?) async throws {
        guard let fault, fault.delayMilliseconds > 0 else { return }
        try await Task.sleep(for: .milliseconds(fault.delayMilliseconds))
    }

    /// Runs the endpoint, in one go: nothing else happens to the account meanwhile.
    private func execute(_ call: Call, _ fault: Fault?) throws(APIError) -> (answer: APIAnswer, isSaved: Bool) {
        do throws(APIError) {
            let parameters = Parameter.known(call.route.parameters, to: call.version)
            let arguments = try ParameterCheck.arguments(call.form, against: parameters)
            try call.route.checkExpand(arguments)
            settle()
            origin = EventOrigin(request: call.requestID, idempotencyKey: call.idempotencyKey)
            defer { origin = nil }
            let body = try run(call, arguments)
            if call.route.method != "GET" { noteChange() }
            if fault?.kind == .error500AfterCommit { throw .serverFault }
            return (APIAnswer(body), true)
        } catch {
            return (error.answer, error.isSavedUnderKey)
        }
    }

    private static func unknownURL(_ request: APIRequest) -> APIError {
        .invalid("Unrecognized request URL (\(request.method): \(request.path)).", status: 404).beforeExecution
    }
}
