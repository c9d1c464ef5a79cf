internal import Metering
internal import RESP
internal import Reactor
internal import RedisLink

/// One call of a client that Redis decides: from the parsed request to the reply in its turn.
///
/// It is answered exactly once: by Redis, or at its deadline by the failure policy. Lives on the gate's loop.
final class SpendCall: RedisCall {
    enum Command {
        case check, take, record, level, feature, usage

        /// As the script knows it. A feature and a summary of usage change nothing, which is what a check does.
        var letter: UInt8 {
            switch self {
            case .check, .feature, .usage: UInt8(ascii: "C")
            case .take: UInt8(ascii: "T")
            case .record: UInt8(ascii: "R")
            case .level: UInt8(ascii: "L")
            }
        }

        /// Whether it counts whatever the limits say, so that no refusal can answer it.
        var isAlwaysCounted: Bool { self == .record || self == .level }
    }

    /// One meter of the call.
    struct Item {
        /// Its place in the catalogue.
        let meter: Int
        /// Units asked for or recorded, or the level to set.
        let amount: Int64
    }

    /// How the call ended.
    enum Ending {
        case waiting
        /// `outcomes` say what was decided.
        case decided
        /// The call as a whole is refused, whatever its meters.
        case refused(DecisionReason)
        /// Redis could not decide in time.
        case degraded
        /// An error reply.
        case failed(String)
    }

    let command: Command
    let entry: TenantEntry
    let items: [Item]
    /// A summary leaves out what the plan does not name.
    let isOfPlan: Bool
    /// The name to answer a `FEATURE` with.
    let feature: String
    /// The instant usage is booked at, in unix seconds; nil for now.
    let instant: Int64?
    /// The idempotency key, and what it stands for: the command and its arguments.
    let idempotency: (key: String, meaning: String)?
    let deadline: Int64
    let rules: GateRules
    /// The version the client spoke when it asked: it may have changed it behind this call.
    let version: RESPVersion
    private let server: GateServer
    /// Nil once answered, so that a call still in Redis's hands keeps no closed client alive.
    private var client: ClientConnection?
    /// What the script was told of each meter, in the order of `items`.
    private(set) var slots: [MeterSlot] = []
    private(set) var outcomes: [MeterOutcome] = []
    private(set) var ending = Ending.waiting
    private var hasAskedAgain = false

    init(
        _ command: Command, _ request: SpendRequest, entry: TenantEntry, server: GateServer, client: ClientConnection
    ) {
        self.command = command
        self.entry = entry
        self.server = server
        self.client = client
        rules = server.rules
        version = client.protocolVersion
        items = request.items
        isOfPlan = request.isOfPlan
        feature = request.feature
        instant = request.instant
        idempotency = request.idempotency
        deadline = server.loop.now + rules.configuration.deadline
    }

    var isDone: Bool { if case .waiting = ending { false } else { true } }

    /// The refusal that needs no look at any meter; nil when limits decide, and for what is always counted unless
    /// nobody knows the tenant.
    private var wholeRefusal: DecisionReason? {
        let refusal = entry.entitlement.access.refusal
        switch command {
        case .check, .take, .feature: return refusal
        case .record, .level, .usage: return refusal == .unknownTenant ? refusal : nil
        }
    }

    // MARK: - To Redis

    /// Redis changes nothing past this share of the deadline, so that its answer has the rest of it to arrive.
    private static let shareForRedis: Int64 = 4

    override func encode(into output: inout OutputBuffer) {
        let refusal = wholeRefusal
        readSlots(refusal)
        var keyCount = 1
        var isBilled = false
        for slot in slots {
            keyCount += slot.keyCount
            if slot.isBilled { isBilled = true }
        }
        let extraKeys = (isBilled ? 1 : 0) + (entry.isStranger ? 1 : 0) + (idempotency == nil ? 0 : 1)
        let extraArguments = entry.isStranger || idempotency != nil ? 2 : 0
        output.appendCommand(argumentCount: 3 + keyCount + extraKeys + 1 + 2 * slots.count + extraArguments)
        output.append(chunk: server.scriptChunk)
        output.appendArgument(integer: Int64(keyCount + extraKeys))
        if slots.isEmpty { output.append(chunk: entry.recordKey) }
        for (index, slot) in slots.enumerated() {
            output.append(chunk: slot.bytes, index == 0 ? slot.recordAndKeys : slot.keys)
        }
        if isBilled { output.append(chunk: entry.owedKey) }
        if entry.isStranger { output.append(chunk: entry.strangersKey) }
        if let idempotency {
            output.appendArgument(rules.configuration.keys.answer(entry.name, key: idempotency.key))
        }
        server.withHeader(of: self, refusal: refusal) { output.appendArgument($0) }
        for index in slots.indices {
            output.appendArgument(integer: items[index].amount)
            let slot = slots[index]
            output.append(
                chunk: slot.bytes, command.isAlwaysCounted ? slot.packedForCounting : slot.packedForTaking)
        }
        if extraArguments > 0 {
            output.appendArgument(entry.name)
            output.appendArgument(idempotency?.meaning ?? "")
        }
    }

    private func readSlots(_ refusal: DecisionReason?) {
        slots.removeAll(keepingCapacity: true)
        guard refusal == nil else { return }
        let now = server.redisSecond
        let isUsual = instant == nil && rules === server.rules
        for item in items {
            slots.append(
                isUsual
                    ? entry.slot(item.meter, at: now, rules) : entry.makeSlot(item.meter, at: instant ?? now, rules))
        }
    }

    /// The packed first argument of the script, but for the version at its end.
    func packHeader(into bytes: inout [UInt8], refusal: DecisionReason?) {
        let margin = rules.configuration.deadline / Self.shareForRedis
        bytes.append(packing: server.redis.clock.time(at: deadline - margin))
        bytes.append(packing: idempotency == nil ? 0 : rules.configuration.idempotencyMilliseconds)
        bytes.append(packing: entry.isStranger ? Int64(rules.configuration.maxStrangersPerPartition) : -1)
        bytes.append(packing: Int64(slots.count))
        bytes.append(command.letter)
        bytes.append(refusal?.wireCode ?? 0)
    }

    // MARK: - From Redis

    override func completed(_ reply: RedisReply) {
        entry.callsUnderWay -= 1
        guard let status = reply[0]?.integer, let now = reply[1]?.integer else {
            server.couldNotDecide(reply.errorText ?? "no array")
            return storeFailed()
        }
        server.redis.clock.observe(redisTime: now, received: BootClock.now())
        guard !isDone else { return server.metrics.add(.lateAnswers) }
        switch status {
        case 0: decide(reply)
        case 1 where mayAskAgain:
            // The gate's idea of Redis's clock was behind, as after an idle time or a step; now it is right.
            hasAskedAgain = true
            server.metrics.add(.expiredInRedis)
            server.directory.dispatch(self)
        case 2: server.directory.refresh(for: self)
        case 3: finish(.failed("BADARG ID: this key was used with other arguments"))
        case 4: finish(.failed("BADARG \(name(ofItem: reply[2]?.integer)): the total would pass \(Amount.largest)"))
        case 5:
            server.metrics.add(.strangersRefused)
            finish(command.isAlwaysCounted ? .failed(Self.tooManyStrangers) : .refused(.unknownTenant))
        default:
            server.metrics.add(.expiredInRedis)
            storeFailed()
        }
    }

    /// Redis changed nothing, and half of the time is left for another round trip. Once: a slow Redis is not asked
    /// twice.
    private var mayAskAgain: Bool {
        !hasAskedAgain && deadline - BootClock.now() > rules.configuration.deadline / 2
    }

    private static let tooManyStrangers = "NOTENANT no such tenant, and no more unknown ones are taken: put it first"

    override func failed(_ failure: RedisFailure, mayHaveRun: Bool) {
        entry.callsUnderWay -= 1
        if !isDone { storeFailed() }
    }

    /// Redis did not decide: at the deadline, or earlier when it is known that it will not.
    func storeFailed() {
        guard !isDone else { return }
        let isDecision = idempotency == nil && !command.isAlwaysCounted && command != .usage
        server.metrics.add(isDecision ? .degraded : .storeErrors)
        finish(isDecision ? .degraded : .failed("STORE Redis did not answer within the deadline"))
    }

    private func decide(_ reply: RedisReply) {
        let verdict = reply[2]?.integer ?? 0
        if verdict < 0 {
            let isDecision = !command.isAlwaysCounted && command != .usage
            return finish(
                isDecision
                    ? .refused(DecisionReason(wireCode: Int(-verdict)) ?? .restricted)
                    : .failed("NOTENANT no such tenant, and the catalogue has no default plan"))
        }
        outcomes.removeAll(keepingCapacity: true)
        for index in items.indices {
            let base = 3 + 3 * index
            guard let used = reply[base]?.integer, let code = reply[base + 1]?.integer,
                let verdict = Verdict(rawValue: code), let retry = reply[base + 2]?.integer
            else { return finish(.failed("ERR the answer to this key was stored by another release")) }
            let kept = idempotency == nil ? nil : reply[3 + 3 * items.count + index]?.integer
            outcomes.append(
                MeterOutcome(
                    verdict: verdict, used: used, limit: kept ?? (index < slots.count ? slots[index].limit : 0),
                    retryAfterMilliseconds: retry))
        }
        finish(.decided)
    }

    private func finish(_ ending: Ending) {
        self.ending = ending
        server.finished()
        client?.answered(self)
        client = nil
    }

    private func name(ofItem number: Int64?) -> String {
        guard let number, items.indices.contains(Int(number) - 1) else { return "n" }
        return rules.catalogue.meters[items[Int(number) - 1].meter].name
    }
}

extension DecisionReason {
    /// How the script carries a refusal of the whole call: it only hands it back.
    fileprivate var wireCode: UInt8 { UInt8((refusalPriority ?? 0) + 1) }

    fileprivate init?(wireCode: Int) {
        guard Self.refusalsByPriority.indices.contains(wireCode - 1) else { return nil }
        self = Self.refusalsByPriority[wireCode - 1]
    }
}
