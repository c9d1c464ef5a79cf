internal import Glibc
internal import Metering
internal import RESP
internal import RedisLink

/// What the gate remembers of one tenant: its record as last read, and the parts of a command that only change with it.
///
/// Every decision names the record's version, and Redis refuses to decide by another one, so a stale memory costs a
/// second round trip and never a wrong answer. Lives on the gate's loop.
final class TenantEntry {
    enum State {
        /// The record was never read, or is known to be another by now → reading.
        case unread
        /// The record is on its way, and calls wait for it in order → ready, or unread when it could not be read.
        case reading
        /// The record is known.
        case ready
    }

    let id: [UInt8]
    private let idBytes: UnsafeMutableRawBufferPointer
    let name: String
    let hash: UInt64
    var state = State.unread
    /// Whether the record changed while it was read.
    var isReadAgain = false
    /// Calls that wait for the record, in the order they came.
    var waiters: [SpendCall] = []
    /// The edition of all records in which this one was found to be current; -1 for none.
    var currentIn = -1
    /// The last call that was refused here, for who asks why; forgotten with the entry.
    var lastRefusal: RefusalReading?
    /// Calls sent to Redis that have no answer yet.
    var callsUnderWay = 0

    /// When the last message was sent whose answer said that the record in hand is Redis's, on the boot clock.
    var confirmedAt = Int64.min / 2
    /// The leases in hand, by the meters' places in the catalogue.
    private(set) var leases: [HeldLease?] = []
    /// The same, for who reads them without reference counting.
    private(set) var quickLeases: UnsafeMutableBufferPointer<Unmanaged<HeldLease>?>
    /// What is in hand and known of its rates, by the same places.
    var rates: [HeldRate?] = []
    private(set) var partition = 0
    /// What leases that are over had counted in their last hour, by meter: an hour has one total, whatever periods lie
    /// in it.
    private var lastHours: [String: (hour: Int64, consumed: Int64)] = [:]

    private(set) var tenant: Tenant?
    private(set) var entitlement = Catalogue.nobody
    /// Raised with each reload of the catalogue; the entry follows on its next use.
    private(set) var catalogueGeneration = -1
    private var meters: [MeterSlot?] = []

    /// The record's key, encoded.
    private(set) var recordKey = OutputBuffer()
    /// The keys of the partition's life, owed hours and strangers, encoded.
    private(set) var lifeKey = OutputBuffer()
    private(set) var owedKey = OutputBuffer()
    private(set) var strangersKey = OutputBuffer()
    /// The record's version as Redis has it; empty without a record.
    private(set) var version: [UInt8] = []
    private(set) var versionText = ""
    /// Without a record, usage is counted only while the partition has room for another stranger.
    private(set) var isStranger = true
    /// What refuses every call of the tenant, whatever its meters; kept, since to look it up copies the entitlement.
    private(set) var refusal: DecisionReason?

    init(id: [UInt8], hash: UInt64) {
        self.id = id
        idBytes = .allocate(byteCount: id.count, alignment: 8)
        idBytes.copyBytes(from: id)
        quickLeases = .allocate(capacity: 0)
        self.hash = hash
        name = String(decoding: id, as: UTF8.self)
    }

    deinit {
        idBytes.deallocate()
        quickLeases.deallocate()
    }

    var isIdle: Bool {
        waiters.isEmpty && callsUnderWay == 0 && state != .reading
            && !leases.contains { $0.map { $0.place >= 0 } ?? false }
    }

    /// Remembers the total of an hour that a lease will not add to any more.
    func endHour(_ meter: String, _ hour: Int64, consumed: Int64) {
        if let last = lastHours[meter], last.hour > hour || (last.hour == hour && last.consumed > consumed) { return }
        lastHours[meter] = (hour, consumed)
    }

    /// What was counted in this hour before, in another period.
    func consumed(_ meter: String, in hour: Int64) -> Int64? {
        lastHours[meter].flatMap { $0.hour == hour ? $0.consumed : nil }
    }

    /// Lets go of a lease whose period is over.
    func forget(_ lease: HeldLease) {
        for index in leases.indices where leases[index] === lease { setLease(nil, index) }
    }

    func hasID(_ other: UnsafeRawBufferPointer) -> Bool {
        guard idBytes.count == other.count, let own = idBytes.baseAddress, let start = other.baseAddress else {
            return false
        }
        return memcmp(own, start, other.count) == 0
    }

    func setLeases(_ leases: [HeldLease?]) {
        self.leases = leases
        quickLeases.deallocate()
        quickLeases = .allocate(capacity: leases.count)
        for index in leases.indices {
            quickLeases.initializeElement(at: index, to: leases[index].map { Unmanaged.passUnretained($0) })
        }
    }

    func setLease(_ lease: HeldLease?, _ meter: Int) {
        leases[meter] = lease
        quickLeases[meter] = lease.map { Unmanaged.passUnretained($0) }
    }

    /// Takes the record as read; nil when there is none.
    func adopt(_ tenant: Tenant?, version text: String, _ rules: GateRules, at second: Int64) {
        self.tenant = tenant
        isStranger = tenant == nil
        currentIn = -1
        if recordKey.isEmpty {
            let space = rules.configuration.keys
            partition = space.partition(of: name)
            recordKey.appendArgument(space.tenant(name))
            lifeKey.appendArgument(space.life(partition))
            owedKey.appendArgument(space.owed(partition))
            strangersKey.appendArgument(space.strangers(partition))
        }
        version = Array(text.utf8)
        versionText = text
        catalogueGeneration = -1
        follow(rules, at: second)
        state = .ready
    }

    /// Until when a tenant without a record is known to be among those that the partition has room for, on the boot
    /// clock.
    var admittedUntil: Int64 = 0

    func isAdmitted(_ now: Int64) -> Bool { now < admittedUntil }

    /// Whether limits decide, by the record in hand.
    var isQuick: Bool { state == .ready && !isStranger && refusal == nil && !areLeasesBehind }

    /// Whether a record or a catalogue was taken over that the leases have not followed yet.
    var areLeasesBehind = false

    /// Until when (unix seconds) what it is entitled to is known.
    var validUntil: Int64 { entitlement.validUntil }

    /// Follows a reloaded catalogue, and what has run out by this second (unix seconds) of Redis's clock.
    func follow(_ rules: GateRules, at second: Int64) {
        guard catalogueGeneration != rules.generation || second >= validUntil else { return }
        areLeasesBehind = true
        catalogueGeneration = rules.generation
        entitlement = rules.catalogue.entitlement(of: tenant, at: second)
        refusal = entitlement.access.refusal
        meters = Array(repeating: nil, count: rules.catalogue.meters.count)
    }

    /// What the script needs of a meter, for usage at `second` (unix seconds) of Redis's clock.
    func slot(_ meter: Int, at second: Int64, _ rules: GateRules) -> MeterSlot {
        if let slot = meters[meter], second < slot.validUntil, second >= slot.validFrom { return slot }
        let slot = makeSlot(meter, at: second, rules)
        meters[meter] = slot
        return slot
    }

    /// The same for an instant of the past: not remembered.
    func makeSlot(_ meter: Int, at second: Int64, _ rules: GateRules) -> MeterSlot {
        let meter = rules.catalogue.meters[meter]
        return MeterSlot(
            tenant: name, record: tenant, meter: meter, entitlement: entitlement, at: second, rules)
    }
}

extension Catalogue {
    /// What an entry is entitled to before its record was read: nothing.
    fileprivate static let nobody = Catalogue(meters: [], plans: []).entitlement(of: nil, at: 0)
}
