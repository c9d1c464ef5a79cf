internal import Metering
internal import RESP
internal import Reactor
internal import RedisLink

/// One call of a client that Redis decides: from the parsed request to the reply in its turn.
///
/// It is answered exactly once: by Redis, or at its deadline by the failure policy. Lives on the gate's loop, which
/// uses the object for another call once nobody holds this one any more.
final class SpendCall {
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
        /// Redis could not decide in time, and the failure policy refuses.
        case degraded
        /// Redis could not decide in time, and the failure policy allows: `outcomes` say what was counted.
        case allowedByPolicy
        /// An error reply.
        case failed(String)
    }

    private(set) var command: Command
    private(set) var entry: TenantEntry
    private(set) var request: SpendRequest
    private(set) var deadline: Int64
    private(set) var rules: GateRules
    /// The version the client spoke when it asked: it may have changed it behind this call.
    private(set) var version: RESPVersion
    /// The gate outlives its calls.
    private unowned(unsafe) let server: GateServer
    /// Nil once answered, so that a call still in Redis's hands keeps no closed client alive.
    private var client: ClientConnection?
    /// What the script was told of each meter, in the order of the request.
    private(set) var slots: [MeterSlot] = []
    var outcomes: [MeterOutcome] = []
    /// The leases it waits at, in the order of the request; none for a call that Redis decides.
    private(set) var leases: [HeldLease] = []
    /// Its name in their lines; 0 when it stands in none.
    private(set) var token = 0
    /// Since when it waits there, on the boot clock.
    private(set) var since: Int64 = 0
    /// How many leases are to be confirmed by Redis before it is answered, and with what it is answered then.
    private var unconfirmedCount = 0
    private var confirmedEnding = Ending.waiting
    /// What Redis counted the call on, meter by meter: the hour since 1970, and the total of this holder's row of it.
    /// Both are 0 where nothing of this holder's was counted. An answer given again for an `ID` has the total of then.
    private(set) var decidedRows: [(hour: Int64, total: Int64)] = []
    private(set) var ending = Ending.waiting
    private var hasAskedAgain = false
    /// What `prepare` found.
    private var refusal: DecisionReason?
    private var keyCount = 0
    private var isBilled = false
    /// Whether it counts what holders may know more of than a Redis that forgot.
    private var needsLife = false
    private var isSimple = false
    private var isKnownCurrent = false

    init(
        _ command: Command, _ request: SpendRequest, entry: TenantEntry, server: GateServer, client: ClientConnection
    ) {
        self.command = command
        self.entry = entry
        self.request = request
        self.server = server
        self.client = client
        rules = server.rules
        version = client.protocolVersion
        deadline = server.loop.now + rules.configuration.deadline
    }

    /// Makes it another call. The request it had is handed back, for its memory.
    func reuse(_ command: Command, _ request: inout SpendRequest, entry: TenantEntry, client: ClientConnection) {
        self.command = command
        self.entry = entry
        swap(&self.request, &request)
        self.client = client
        rules = server.rules
        version = client.protocolVersion
        deadline = server.loop.now + rules.configuration.deadline
        ending = .waiting
        hasAskedAgain = false
        unconfirmedCount = 0
    }

    /// Lets go of all that belonged to the call it was, but for the memory.
    func clear() {
        request.reset()
        slots.removeAll(keepingCapacity: true)
        outcomes.removeAll(keepingCapacity: true)
        leases.removeAll(keepingCapacity: true)
        decidedRows.removeAll(keepingCapacity: true)
    }

    /// What it costs Redis, in meters.
    var weight: Int { max(1, request.items.count) }

    var isDone: Bool { if case .waiting = ending { false } else { true } }

    /// The refusal that needs no look at any meter; nil when limits decide, and for what is always counted unless
    /// nobody knows the tenant.
    private var wholeRefusal: DecisionReason? {
        let refusal = entry.refusal
        switch command {
        case .check, .take, .feature: return refusal
        case .record, .level, .usage: return refusal == .unknownTenant ? refusal : nil
        }
    }

    // MARK: - To Redis

    /// Redis changes nothing past this share of the deadline, so that its answer has the rest of it to arrive.
    private static let shareForRedis: Int64 = 4

    /// Finds out what the script needs, as of now. Returns how many keys that is.
    func prepare() -> Int {
        slots.removeAll(keepingCapacity: true)
        refusal = wholeRefusal
        isBilled = false
        needsLife = false
        isSimple = false
        isKnownCurrent = false
        keyCount = 1 + (entry.isStranger ? 1 : 0) + (request.idempotency == nil ? 0 : 1)
        guard refusal == nil else { return keyCount }
        let now = server.redisSecond
        let isUsual = request.instant == nil && rules === server.rules
        for index in request.items.indices {
            let item = request.items[index]
            let slot =
                isUsual
                ? entry.slot(item.meter, at: now, rules)
                : entry.makeSlot(item.meter, at: request.instant ?? now, rules)
            keyCount += slot.keyCount
            if slot.isBilled { isBilled = true }
            if slot.period != nil, command == .take || command == .record { needsLife = true }
            slots.append(slot)
        }
        if isBilled { keyCount += 1 }
        if needsLife { keyCount += 1 }
        isSimple = slots.count == 1 && !entry.isStranger && request.idempotency == nil && isSimple(slots[0])
        isKnownCurrent = isSimple && server.directory.isCurrent(entry)
        if isKnownCurrent { keyCount -= 1 }
        return keyCount
    }

    /// Whether the only meter fits the script's short form.
    private func isSimple(_ slot: MeterSlot) -> Bool {
        let amount = request.items[0].amount
        switch command {
        case .take: return slot.kind == .counter && slot.isLikelyToFit(amount)
        case .record: return slot.kind == .counter && amount > 0
        case .check, .level, .feature, .usage: return false
        }
    }

    /// Writes the keys, as many as `prepare` said.
    func appendKeys(to output: inout OutputBuffer) {
        if needsLife { output.append(chunk: entry.lifeKey) }
        if slots.isEmpty { output.append(chunk: entry.recordKey) }
        for index in slots.indices {
            if index == 0, !isKnownCurrent {
                slots[index].appendRecordAndKeys(to: &output)
            } else {
                slots[index].appendKeys(to: &output)
            }
        }
        if isBilled { output.append(chunk: entry.owedKey) }
        if entry.isStranger { output.append(chunk: entry.strangersKey) }
        if let idempotency = request.idempotency {
            output.appendArgument(rules.configuration.keys.answer(entry.name, key: idempotency.key))
        }
    }

    /// Writes the packed argument, in the layout that `spend.lua` states.
    func pack(into bytes: inout [UInt8]) {
        let margin = rules.configuration.deadline / Self.shareForRedis
        bytes.append(packing: server.redis.clock.time(at: deadline - margin))
        bytes.append(packingShort: keyCount)
        bytes.append(isSimple ? 1 : 0)
        if isSimple {
            let amount = request.items[0].amount
            if isKnownCurrent { bytes.append(0) } else { bytes.append(packingText: entry.version) }
            bytes.append(packingDigitsOf: amount)
            bytes.append(packing: amount)
            slots[0].appendPackedAlone(to: &bytes, isAlwaysCounted: command.isAlwaysCounted)
        } else {
            packWhole(into: &bytes)
        }
    }

    private func packWhole(into bytes: inout [UInt8]) {
        let isKeyed = request.idempotency != nil
        bytes.append(command.letter)
        bytes.append(refusal?.wireCode ?? 0)
        bytes.append(packingShort: slots.count)
        bytes.append(isKeyed ? 1 : 0)
        bytes.append(entry.isStranger ? 1 : 0)
        bytes.append(needsLife ? 1 : 0)
        bytes.append(packingText: entry.version)
        if isKeyed || entry.isStranger {
            bytes.append(packing: rules.configuration.idempotencyMilliseconds)
            bytes.append(packing: Int64(rules.configuration.maxStrangersPerPartition))
            bytes.append(packingText: entry.id)
            bytes.append(packingText: Array(rules.configuration.holder.utf8))
            let meaning = Array((request.idempotency?.meaning ?? "").utf8)
            withUnsafeBytes(of: UInt32(meaning.count).littleEndian) { bytes.append(contentsOf: $0) }
            bytes.append(contentsOf: meaning)
        }
        for index in slots.indices {
            bytes.append(packingDigitsOf: request.items[index].amount)
            slots[index].appendPacked(to: &bytes, isAlwaysCounted: command.isAlwaysCounted)
        }
    }

    // MARK: - From Redis

    /// Takes its part of the script's answer. False when that is not in the layout that `spend.lua` states.
    func completed(_ answer: inout ScriptAnswer, sentAt: Int64) -> Bool {
        entry.callsUnderWay -= 1
        if isDone { server.metrics.add(.lateAnswers) }
        guard let status = answer.byte() else { return false }
        // An answer that was kept for an idempotency key is given without a look at the record.
        if status == 8 || (status == 0 && request.idempotency == nil) {
            server.directory.foundCurrent(entry, sentAt: sentAt)
        }
        switch status {
        case 0: return decide(&answer)
        case 1 where mayAskAgain:
            // The gate's idea of Redis's clock was behind, as after an idle time or a step; now it is right.
            hasAskedAgain = true
            server.metrics.add(.expiredInRedis)
            server.directory.dispatch(self)
        case 1:
            if !isDone { server.metrics.add(.expiredInRedis) }
            storeFailed()
        case 2: if !isDone { server.directory.refresh(for: self) }
        case 3: finish(.failed("BADARG ID: this key was used with other arguments"))
        case 4:
            guard let number = answer.short() else { return false }
            finish(.failed("BADARG \(name(ofItem: number)): the total would pass \(Amount.largest)"))
        case 5:
            if !isDone { server.metrics.add(.strangersRefused) }
            finish(command.isAlwaysCounted ? .failed(Self.tooManyStrangers) : .refused(.unknownTenant))
        case 6:
            guard let text = answer.text() else { return false }
            server.queue.couldNotDecide(text)
            storeFailed()
        case 8:
            guard let used = answer.number(), readRows(&answer, count: 1) else { return false }
            counted(used)
        case 9: if !isDone { server.directory.dispatch(self) }
        case 10:
            // It would fit once holders gave back what they leased.
            guard answer.short() != nil else { return false }
            storeFailed()
        case 11: storeFailed()
        case 7: finish(.failed("ERR the answer to this key was stored by another release"))
        default: return false
        }
        return true
    }

    /// Redis changed nothing, and half of the time is left for another round trip. Once: a slow Redis is not asked
    /// twice.
    private var mayAskAgain: Bool {
        !isDone && !hasAskedAgain && deadline - BootClock.now() > rules.configuration.deadline / 2
    }

    private static let tooManyStrangers = "NOTENANT no such tenant, and no more unknown ones are taken: put it first"

    /// No answer will come.
    func failed() {
        entry.callsUnderWay -= 1
        storeFailed()
    }

    /// Redis did not decide: at the deadline, or earlier when it is known that it will not.
    func storeFailed() {
        guard !isDone else { return }
        let isDecision = request.idempotency == nil && !command.isAlwaysCounted && command != .usage
        server.metrics.add(isDecision ? .degraded : .storeErrors)
        if isDecision { server.metrics.add(.decidedByPolicy) }
        finish(isDecision ? .degraded : .failed("STORE Redis did not answer within the deadline"))
    }

    /// The only meter was counted, and now stands at `used`.
    private func counted(_ used: Int64) {
        guard let slot = slots.first else { return }
        slot.lastUsed = used
        outcomes.removeAll(keepingCapacity: true)
        outcomes.append(
            MeterOutcome(
                verdict: slot.verdict(used: used), used: used, limit: slot.limit, retryAfterMilliseconds: 0))
        finish(.decided)
    }

    private func decide(_ answer: inout ScriptAnswer) -> Bool {
        guard let allowed = answer.byte().map({ Int8(bitPattern: $0) }) else { return false }
        if allowed < 0 {
            let isDecision = !command.isAlwaysCounted && command != .usage
            finish(
                isDecision
                    ? .refused(DecisionReason(wireCode: -Int(allowed)) ?? .restricted)
                    : .failed("NOTENANT no such tenant, and the catalogue has no default plan"))
            return true
        }
        outcomes.removeAll(keepingCapacity: true)
        for index in request.items.indices {
            guard let used = answer.number(), let code = answer.byte(), let verdict = Verdict(rawValue: Int64(code)),
                let retry = answer.number()
            else { return false }
            if index < slots.count { slots[index].lastUsed = used }
            outcomes.append(
                MeterOutcome(
                    verdict: verdict, used: used + unsettled(index), limit: index < slots.count ? slots[index].limit : 0,
                    retryAfterMilliseconds: retry))
        }
        if request.idempotency != nil {
            for index in outcomes.indices {
                guard let limit = answer.number() else { return false }
                outcomes[index].limit = limit
            }
        }
        guard readRows(&answer, count: request.items.count) else { return false }
        finish(.decided)
        return true
    }

    // MARK: - At leases

    var isAbandoned: Bool { client?.isClosed ?? true }

    /// Whose units it takes, and under which name and since when it waits for them.
    func stands(at leases: [HeldLease], token: Int = 0, since: Int64 = 0) {
        self.leases = leases
        self.token = token
        self.since = since
    }

    /// It is counted, and answered once Redis has confirmed it for so many leases.
    func confirm(_ ending: Ending, count: Int) {
        confirmedEnding = ending
        unconfirmedCount = count
    }

    /// Redis has the totals of one of its leases.
    func confirmed() {
        unconfirmedCount -= 1
        if unconfirmedCount == 0 { finish(confirmedEnding) }
    }

    /// Its deadline has passed. It is answered by then, or waits until others have had time to give back.
    func deadlinePassed() {
        if unconfirmedCount > 0 {
            finish(.failed("STORE counted here, and Redis has not confirmed it within the deadline"))
        } else if token != 0 {
            _ = server.book.deadlinePassed(self)
        } else {
            storeFailed()
        }
    }

    /// What this holder has spent of a counter since Redis heard: it knows of it, and Redis does not yet. An answer
    /// that was kept for an ID is given again as it was.
    private func unsettled(_ index: Int) -> Int64 {
        guard request.idempotency == nil, rules === server.rules, index < slots.count, let period = slots[index].period,
            let held = entry.leases[request.items[index].meter], held.key.period == period.start
        else { return 0 }
        return held.lease.unacknowledged
    }

    private func readRows(_ answer: inout ScriptAnswer, count: Int) -> Bool {
        decidedRows.removeAll(keepingCapacity: true)
        for _ in 0..<count {
            guard let hour = answer.number(), let total = answer.number() else { return false }
            decidedRows.append((hour, total))
        }
        return true
    }

    /// A call that was answered at its deadline stays answered as it was.
    func finish(_ ending: Ending) {
        guard !isDone else { return }
        leaveLines()
        self.ending = ending
        server.finished()
        client?.answered(self)
        client = nil
    }

    private func name(ofItem number: Int) -> String {
        guard request.items.indices.contains(number - 1) else { return "n" }
        return rules.catalogue.meters[request.items[number - 1].meter].name
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
