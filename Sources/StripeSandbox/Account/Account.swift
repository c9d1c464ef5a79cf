/// The Stripe account that the sandbox plays: all its state, changed by one request at a time. It never touches a
/// socket or a file: requests come in whole, and `changes` says when there is something to save.
actor Account {
    var state: AccountState
    var faults = FaultQueue()
    var chaos: Chaos?
    var settings: SandboxSettings { didSet { gate.limits = settings.limits } }
    var unseen = UnseenUsage()
    private var gate: RateGate
    private(set) var log = RequestLog()
    /// Idempotency keys whose first request has not been answered yet, v1 and v2 apart.
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
    /// Objects that a request in progress holds.
    private var held: Set<String> = []
    let clock: SandboxClock
    private let changed: AsyncStream<Void>.Continuation

    /// Yields when the state has changed; several changes may come as one.
    nonisolated let changes: AsyncStream<Void>

    private let delivered: AsyncStream<Void>.Continuation
    /// Yields when there may be something to post.
    nonisolated let deliverySignals: AsyncStream<Void>

    init(state: AccountState, settings: SandboxSettings = SandboxSettings(), clock: SandboxClock = .system) {
        self.state = state
        self.settings = settings
        self.clock = clock
        gate = RateGate(limits: settings.limits)
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
    /// - Throws: `CancellationError` when the sandbox stops during a delay.
    func respond(to request: APIRequest) async throws -> Delivery {
        underWay += 1
        defer { underWay -= 1 }
        let version = Result { () throws(APIError) in try APIVersion.requested(by: request) }
        let match = Route.matching(request, (try? version.get()) ?? .accountDefault)
        let fault = match.flatMap { strike(request, $0.route) }
        let form = Result { () throws(APIError) in try Self.form(of: request, match?.route) }
        let requestID = RandomID.make("req_")
        var answer: APIAnswer
        do {
            try admit(request, match?.route, fault)
            guard let (route, id) = match else { throw Self.unknownURL(request) }
            let call = Call(
                route: route, id: id, version: try version.get(), form: try form.get(), body: request.body,
                requestID: requestID, idempotencyKey: request.header("idempotency-key"))
            gate.enter(route)
            defer { gate.leave(route) }
            answer = try await perform(request, call, fault)
        } catch let error as APIError {
            answer = error.answer(to: request)
        }
        answer.headers["Request-Id"] = requestID
        let name = request.header("stripe-version") ?? APIVersion.accountDefault.rawValue
        if APIVersion(rawValue: name) != nil { answer.headers["Stripe-Version"] = name }
        if let shouldRetry = fault?.shouldRetry { answer.headers["Stripe-Should-Retry"] = "\(shouldRetry)" }
        if let fault, [.slowAnswer, .reset].contains(fault.kind) { try await wait(fault.delayMilliseconds) }
        let isCut = fault?.kind == .reset || fault?.kind == .dropAnswerAfterCommit
        log.record(
            request, route: match?.route, form: (try? form.get()) ?? [:], status: isCut ? nil : answer.status,
            replayed: answer.headers["Idempotent-Replayed"] != nil, at: now)
        return switch fault?.kind {
        case .reset: .reset
        case .dropAnswerAfterCommit: .close
        case .partialBody: .partial(answer)
        default: .answer(answer)
        }
    }

    /// The fault that strikes a request: one set for its path, else one by chance.
    private func strike(_ request: APIRequest, _ route: Route) -> Fault? {
        faults.take(request, pattern: route.pattern) ?? chaos?.strike()
    }

    /// What stands before the endpoint: the key, the limiters, and the faults that act in their place.
    private func admit(_ request: APIRequest, _ route: Route?, _ fault: Fault?) throws(APIError) {
        if fault?.kind == .reset { throw APIError.serverFault.beforeExecution }
        if route?.readsBody == true { try checkSession(request) } else { try APIKey.check(request) }
        if let fault, fault.kind == .rateLimit { throw .rateLimited(fault.reason) }
        if let reason = gate.refusal(of: route, at: clock.machineSeconds()) { throw .rateLimited(reason) }
        if let refusal = fault?.kind.refusal { throw refusal }
    }

    /// The idempotency layer around an execution.
    private func perform(_ request: APIRequest, _ call: Call, _ fault: Fault?) async throws -> APIAnswer {
        guard let key = try IdempotencyKey(request, form: call.form) else {
            return try await work(call, request, fault) { _ in }
        }
        let name = (request.isV2 ? "v2 " : "v1 ") + key.key
        if inFlight.contains(name) { throw APIError.keyInUse }
        let saved = request.isV2 ? state.savedAnswersV2 : state.savedAnswers
        if let saved = saved.value(for: key.key, now: now) {
            guard saved.fingerprint == key.fingerprint else { throw key.usedForAnother }
            try await wait(fault?.delayBeforeExecution ?? 0)
            var answer = saved.replay
            answer.headers["Idempotency-Key"] = key.key
            return answer
        }
        inFlight.insert(name)
        defer { inFlight.remove(name) }
        var answer = try await work(call, request, fault) { outcome in
            save(outcome, key, call, isV2: request.isV2)
        }
        answer.headers["Idempotency-Key"] = key.key
        answer.headers["Original-Request"] = call.requestID
        return answer
    }

    /// Keeps an answer under its key. The v2 API keeps successes only: what failed is tried again under its key
    /// (docs.stripe.com/api-v2-overview#idempotency).
    private func save(_ answer: APIAnswer, _ key: IdempotencyKey, _ call: Call, isV2: Bool) {
        let saved = SavedAnswer(
            fingerprint: key.fingerprint, status: answer.status, headers: answer.headers,
            body: String(decoding: answer.body, as: UTF8.self), requestID: call.requestID)
        if isV2 {
            guard answer.status < 400 else { return }
            state.savedAnswersV2.insert(saved, for: key.key, now: now)
        } else {
            state.savedAnswers.insert(saved, for: key.key, now: now)
        }
        noteChange()
    }

    /// Executes a request after its delay, holding the object that only one request may have.
    ///
    /// - Parameter keep: Is given, right after the execution, the answer to save.
    private func work(
        _ call: Call, _ request: APIRequest, _ fault: Fault?, keep: (APIAnswer) -> Void
    ) async throws -> APIAnswer {
        let object = try hold(call, request)
        defer { if let object { held.remove(object) } }
        try await wait(settings.latencyMilliseconds + (fault?.delayBeforeExecution ?? 0))
        let (answer, saved) = execute(call, request, fault)
        if let saved { keep(saved) }
        return answer
    }

    private func wait(_ milliseconds: Int) async throws {
        guard milliseconds > 0 else { return }
        try await Task.sleep(for: .milliseconds(milliseconds))
    }

    /// "Meter events: one call at a time per customer per meter" (docs.stripe.com/rate-limits); and what a request
    /// writes to no other can write to meanwhile (docs.stripe.com/rate-limits#object-lock-timeouts).
    private func hold(_ call: Call, _ request: APIRequest) throws(APIError) -> String? {
        guard call.route.family == .meterEvents else {
            guard call.route.method != "GET", !call.id.isEmpty else { return nil }
            guard held.insert(call.id).inserted else { throw .lockTimeout }
            return call.id
        }
        guard let object = Self.customerAndMeter(call.form, state.meters) else { return nil }
        guard held.insert(object).inserted else {
            guard request.isV2 else { throw .rateLimited(.resourceSpecific) }
            // docs.stripe.com/api/v2/billing/meter-event/create
            throw .invalid(
                "Cannot create multiple usage events for the same customer, meter concurrently.",
                code: "too_many_concurrent_requests", status: 409
            ).beforeExecution
        }
        return object
    }

    /// Runs the endpoint, in one go: nothing else happens to the account meanwhile.
    ///
    /// - Returns: The answer, and what is to be saved under the request's key, if anything is.
    private func execute(
        _ call: Call, _ request: APIRequest, _ fault: Fault?
    ) -> (answer: APIAnswer, saved: APIAnswer?) {
        do throws(APIError) {
            if fault?.kind == .error500Saved { throw .serverFault }
            let parameters = Parameter.known(call.route.parameters, to: call.version)
            let arguments = try ParameterCheck.arguments(call.form, against: parameters)
            try call.route.checkExpand(arguments)
            settle()
            origin = EventOrigin(request: call.requestID, idempotencyKey: call.idempotencyKey)
            defer { origin = nil }
            let answer = APIAnswer(try run(call, arguments))
            if call.route.method != "GET" { noteChange() }
            guard fault?.kind == .error500AfterCommit else { return (answer, answer) }
            let error = APIError.serverFault.answer(to: request)
            return (error, request.isV2 ? answer : error)
        } catch {
            let answer = error.answer(to: request)
            return (answer, error.isSavedUnderKey ? answer : nil)
        }
    }

    private static func unknownURL(_ request: APIRequest) -> APIError {
        .invalid("Unrecognized request URL (\(request.method): \(request.path)).", status: 404).beforeExecution
    }
}
