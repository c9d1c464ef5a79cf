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
        case check, take, record, level, feature, usage, explain, reserve, commit, release, extend, refund

        /// As the script knows it. A feature changes nothing, which is what a check does; and a reservation asks Redis
        /// only whether leases may decide it. A refund has a script of its own.
        var letter: UInt8 {
            switch self {
            case .check, .feature, .reserve, .refund: UInt8(ascii: "C")
            case .usage, .explain: UInt8(ascii: "U")
            case .take: UInt8(ascii: "T")
            case .record, .commit, .release, .extend: UInt8(ascii: "R")
            case .level: UInt8(ascii: "L")
            }
        }

        /// Whether it settles a reservation, which Redis knows nothing of.
        var isSettling: Bool { self == .commit || self == .release || self == .extend }

        /// Whether it asks how things stand, and gets no decision.
        var isReading: Bool { self == .usage || self == .explain }

        /// Whether it counts whatever the limits say, so that no refusal can answer it.
        var isAlwaysCounted: Bool { self == .record || self == .level || self == .refund || isSettling }
    }

    /// One meter of the call.
    struct Item {
        /// Its place in the catalogue.
        let meter: Int
        /// Units asked for, recorded or given back, or the level to set.
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
        /// A reply that is written already.
        case replied(OutputBuffer)
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
    unowned(unsafe) let server: GateServer
    /// Nil once answered, so that a call still in Redis's hands keeps no closed client alive.
    private(set) var client: ClientConnection?
    /// What the script was told of each meter, in the order of the request.
    var slots: [MeterSlot] = []
    var outcomes: [MeterOutcome] = []
    /// What a refund has really given back of each meter.
    var givenBack: [Item] = []
    /// The leases it waits at, in the order of the request; none for a call that Redis decides.
    private(set) var leases: [HeldLease] = []
    /// Its name in their lines; 0 when it stands in none.
    private(set) var token = 0
    /// Since when it waits there, on the boot clock.
    private(set) var since: Int64 = 0
    /// The item that the first of `leases` is for.
    private var firstItem = 0
    /// Whether it is for Redis to decide, and waits here only until others have given back what it needs of one meter.
    private(set) var isBringingBack = false
    /// Whether it is a refund that gives others the time to tell what they used.
    var isRecalling = false
    /// Whether all that could come back has been given back for it.
    var hasBroughtBack = false
    /// How many leases are to be confirmed by Redis before it is answered, and with what it is answered then.
    private var unconfirmedCount = 0
    private var confirmedEnding = Ending.waiting
    /// What Redis counted the call on, meter by meter: the hour since 1970, and the total of this holder's row of it.
    /// Both are 0 where nothing of this holder's was counted. An answer given again for an `ID` has the total of then.
    var decidedRows: [(hour: Int64, total: Int64)] = []
    private(set) var ending = Ending.waiting
    /// The number of the reservation that it made.
    var reservation: UInt64 = 0
    /// What Redis's clock showed when it decided, in microseconds.
    var decidedAt: Int64 = 0
    var hasAskedAgain = false
    /// Its rates, while it is in Redis's hands.
    var rateItems: [RateItem] = []
    /// Whether it was decided again because cells had come in hand.
    var hasTriedHand = false
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
        hasTriedHand = false
        hasBroughtBack = false
        isBringingBack = false
        reservation = 0
        isRecalling = false
        firstItem = 0
        unconfirmedCount = 0
    }

    /// A commit that came too late goes on as usage after the fact.
    func becomeRecord(_ request: SpendRequest, _ entry: TenantEntry) {
        command = .record
        self.request = request
        self.entry = entry
    }

    /// Lets go of all that belonged to the call it was, but for the memory.
    func clear() {
        request.reset()
        slots.removeAll(keepingCapacity: true)
        outcomes.removeAll(keepingCapacity: true)
        givenBack = []
        leases.removeAll(keepingCapacity: true)
        decidedRows.removeAll(keepingCapacity: true)
        rateItems.removeAll(keepingCapacity: true)
    }

    /// What it costs Redis, in meters.
    var weight: Int { max(1, request.items.count) }

    var isDone: Bool { if case .waiting = ending { false } else { true } }

    /// The refusal that needs no look at any meter; nil when limits decide, and for what is always counted unless
    /// nobody knows the tenant.
    private var wholeRefusal: DecisionReason? {
        let refusal = entry.refusal
        switch command {
        case .check, .take, .feature, .reserve: return refusal
        case .record, .level, .usage, .commit, .release, .extend, .refund:
            return refusal == .unknownTenant ? refusal : nil
        case .explain: return nil
        }
    }

    // MARK: - To Redis

    /// Redis changes nothing past this share of the deadline, so that its answer has the rest of it to arrive.
    private static let shareForRedis: Int64 = 4

    /// Until when Redis may change something for it, on the boot clock.
    var latestForRedis: Int64 { lastInstant - rules.configuration.deadline / Self.shareForRedis }

    /// Finds out what the script needs, as of now. Returns how many keys that is.
    func prepare() -> Int {
        slots.removeAll(keepingCapacity: true)
        let now = server.redisSecond
        // The leases follow with the next call: no call may be sent while one is written.
        if now >= entry.validUntil { entry.follow(server.rules, at: now) }
        refusal = wholeRefusal
        isBilled = false
        needsLife = false
        isSimple = false
        isKnownCurrent = false
        keyCount = 1 + (entry.isStranger ? 1 : 0) + (request.idempotency == nil ? 0 : 1)
        guard refusal == nil else { return keyCount }
        let isUsual = request.instant == nil && rules === server.rules
        for index in request.items.indices {
            let item = request.items[index]
            let slot =
                isUsual
                ? entry.slot(item.meter, at: now, rules)
                : entry.makeSlot(item.meter, at: request.instant ?? now, rules)
            keyCount += slot.keyCount
            if slot.isBilled { isBilled = true }
            if slot.period != nil, command == .take || command == .record || command == .reserve {
                needsLife = true
            }
            slots.append(slot)
        }
        if isBilled { keyCount += 1 }
        if needsLife { keyCount += 1 }
        askForCells(now: server.loop.now)
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
        default: return false
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
        bytes.append(packing: server.redis.clock.time(at: latestForRedis))
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
        // A stranger is admitted with usage of nothing.
        let isAdmission = command == .reserve && entry.isStranger
        bytes.append(isAdmission ? Command.record.letter : command.letter)
        bytes.append(refusal?.wireCode ?? 0)
        bytes.append(packingShort: slots.count)
        bytes.append(isKeyed ? 1 : 0)
        bytes.append(entry.isStranger ? 1 : 0)
        bytes.append(needsLife ? 1 : 0)
        bytes.append(packingText: entry.version)
        if isKeyed || entry.isStranger {
            bytes.append(packing: max(rules.configuration.idempotencyMilliseconds, request.leastMemory))
            bytes.append(packing: Int64(rules.configuration.maxStrangersPerPartition))
            bytes.append(packingText: entry.id)
            bytes.append(packingText: Array(rules.configuration.holder.utf8))
            let meaning = Array((request.idempotency?.meaning ?? "").utf8)
            withUnsafeBytes(of: UInt32(meaning.count).littleEndian) { bytes.append(contentsOf: $0) }
            bytes.append(contentsOf: meaning)
        }
        for index in slots.indices {
            bytes.append(packingDigitsOf: isAdmission ? 0 : request.items[index].amount)
            slots[index].appendPacked(
                to: &bytes, isAlwaysCounted: command.isAlwaysCounted, ask: ask(ofItem: index))
        }
    }

    // MARK: - At leases

    var isAbandoned: Bool { client?.isClosed ?? true }

    /// Whose units it takes, for which of its items (nil: lease by lease), and under which name and since when it
    /// waits for them.
    func stands(at leases: [HeldLease], for item: Int? = nil, token: Int = 0, since: Int64 = 0) {
        self.leases = leases
        self.token = token
        self.since = since
        firstItem = item ?? 0
        isBringingBack = item != nil
    }

    func leftLines() { token = 0 }

    /// What it takes of the lease at this place.
    func amount(_ index: Int) -> Int64 { request.items[firstItem + index].amount }

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

    /// When it has to be answered; later for one that waited for others.
    var lastInstant: Int64 { isBringingBack || isRecalling ? recallDeadline(server.book.settings) : deadline }

    /// Its deadline has passed. It is answered by then, or waits until others have had time to give back.
    func deadlinePassed() {
        if unconfirmedCount > 0 {
            finish(.failed("STORE counted here, and Redis has not confirmed it within the deadline"))
        } else if token != 0 {
            server.book.deadlinePassed(self)
        } else if lastInstant <= server.loop.now {
            storeFailed()
        }
    }

    /// A call that was answered at its deadline stays answered as it was.
    func finish(_ ending: Ending) {
        guard !isDone else { return }
        leaveLines()
        self.ending = ending
        server.finished()
        if let client {
            if let threshold = server.rules.configuration.slowLogThreshold { noteIfSlow(threshold, client) }
            client.answered(self)
        }
        client = nil
    }
}

extension DecisionReason {
    /// How the script carries a refusal of the whole call: it only hands it back.
    fileprivate var wireCode: UInt8 { UInt8((refusalPriority ?? 0) + 1) }

    init?(wireCode: Int) {
        guard Self.refusalsByPriority.indices.contains(wireCode - 1) else { return nil }
        self = Self.refusalsByPriority[wireCode - 1]
    }
}
