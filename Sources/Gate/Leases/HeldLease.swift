internal import Ledger
internal import Metering

/// One lease of this holder in memory, with its rows in the ledger. Lives on the gate's loop.
///
/// What counts is in the ledger: the totals here are written there with each change, and a lease that is not in memory
/// is found there again.
final class HeldLease: ThresholdWatcher {
    let key: LeaseKey
    let partition: Int
    /// Whose it is. The entry holds its leases; the cycle ends when the entry is forgotten.
    var entry: TenantEntry
    /// Its meter's name, as the ledger takes it.
    let meterName: [UInt8]
    private(set) var terms: MeterTerms
    /// What an answer about it ends with, and the same for who reads it without reference counting.
    private var tail: ReplyTail
    private(set) var tailTwo: UnsafeRawBufferPointer
    private(set) var tailThree: UnsafeRawBufferPointer
    var lease: Lease
    let row: SlotIndex
    /// The hour that usage is counted in now, since 1970, and its row; nil once the hour is over, and of what is in
    /// flight, which has no hours.
    private(set) var hour: Int64
    private(set) var hourRow: SlotIndex?
    /// Until when that hour is the one to count in, in unix seconds of Redis's clock.
    var hourEnd: Int64 {
        didSet { setQuickEnd() }
    }
    /// Until when, by that clock in microseconds, calls may be decided without a look at either: the hour's end, or
    /// when what the tenant is entitled to is another by itself.
    private(set) var quickEnd: Int64 = 0
    /// Hours before it that Redis may not have.
    var olderHours: [HourRow] = []
    /// Rows of what Redis decided for this holder that Redis may have forgotten.
    var decidedHours: [HourRow] = []
    /// A period that is over, or a meter that is gone: nothing is asked for any more.
    var isOver = false

    /// Calls that wait for units, in the order they came; the token is a number of the book's.
    var line = WaitingLine()
    var waiting: [Int: SpendCall] = [:]
    /// Calls whose total Redis is to confirm before they are answered, with that total.
    var unconfirmed: [(call: SpendCall, total: Int64)] = []
    /// Syncs sent at once because the last one could not decide.
    var hurriedSyncs = 0
    /// A call of this much does not fit, up to that instant of the boot clock.
    private(set) var refusedAmount = Int64.max
    private(set) var refusedUntil: Int64 = 0
    /// Since when something is unsent, on the boot clock; 0 when nothing is.
    var unsentSince: Int64 = 0
    /// How many holders have a lease of this, as last heard.
    var holderCount = 1

    /// Which edition of its partition's memory it was told to, see ``PartitionViews``.
    var edition = 0
    /// Its place in the book's list of leases to look after; -1 when it needs no looking after.
    var place = -1
    /// Syncs of it that were sent and have neither been answered nor been lost.
    var syncsUnderWay = 0
    /// Whether the next sync asks for nothing, because what it gives back is for another call.
    var asksNothing = false
    /// Whether Redis could not take it together with others: it goes alone from then on.
    var goesAlone = false
    /// Whether it is listed for the next sync.
    var isListed = false
    /// What is known of the thresholds that its total is past.
    var watch: ThresholdWatch

    struct HourRow {
        let hour: Int64
        let row: SlotIndex
    }

    init(
        key: LeaseKey, partition: Int, entry: TenantEntry, meterName: [UInt8], terms: MeterTerms, tail: ReplyTail,
        lease: Lease, row: SlotIndex, hour: HourRow?, hourEnd: Int64
    ) {
        self.key = key
        self.partition = partition
        self.entry = entry
        self.meterName = meterName
        self.terms = terms
        self.tail = tail
        tailTwo = UnsafeRawBufferPointer(tail.two)
        tailThree = UnsafeRawBufferPointer(tail.three)
        self.lease = lease
        self.row = row
        self.hour = hour?.hour ?? 0
        hourRow = hour?.row
        self.hourEnd = hourEnd
        watch = ThresholdWatch(terms)
        setQuickEnd()
        lineChanged()
    }

    private func setQuickEnd() {
        let (product, isTooLarge) = min(hourEnd, entry.validUntil).multipliedReportingOverflow(by: 1_000_000)
        quickEnd = isTooLarge ? (hourEnd < 0 ? .min : .max) : product
    }

    /// Whether a call that fits may be served at once: nobody stands in line, and it is not asked unit by unit.
    private(set) var isQuick = false
    /// Whether units have to be granted before they are spent.
    private(set) var needsLease = false

    /// To be called when somebody has joined or left the line.
    func lineChanged() {
        needsLease = terms.needsLease
        isQuick = line.isEmpty && terms.isInPlan && !terms.isConcurrency && !(needsLease && terms.isLeaseOff)
    }

    /// Takes over what the plan says now.
    func follow(_ terms: MeterTerms, _ tail: ReplyTail) {
        if terms.limit != self.terms.limit || terms.alerts != self.terms.alerts { watch.follow(terms) }
        self.terms = terms
        self.tail = tail
        tailTwo = UnsafeRawBufferPointer(tail.two)
        tailThree = UnsafeRawBufferPointer(tail.three)
        setQuickEnd()
        lineChanged()
    }

    /// Whether usage at this second of Redis's clock belongs to the hour in hand.
    func isCurrent(at second: Int64) -> Bool { second < hourEnd }

    /// Goes on with another hour of the same period.
    func beginHour(_ next: HourRow, end: Int64, in ledger: LedgerFile) {
        endHour(in: ledger)
        hour = next.hour
        hourRow = next.row
        hourEnd = end
    }

    /// Has the tenant's entry remember what was counted in the hour, for another period that it may belong to as well.
    func noteHour(in ledger: LedgerFile) {
        if let hourRow { entry.endHour(key.meter, hour, consumed: ledger.usage(hourRow).consumed) }
    }

    /// The hour is over: its row is kept in mind only until Redis has it, since the ledger may let it go then.
    func endHour(in ledger: LedgerFile) {
        guard let row = hourRow else { return }
        noteHour(in: ledger)
        if !ledger.usage(row).isSettled { addOlderHour(hour, row) }
        hourRow = nil
        hourEnd = .min
    }

    func addOlderHour(_ hour: Int64, _ row: SlotIndex) {
        if !olderHours.contains(where: { $0.hour == hour }) { olderHours.append(HourRow(hour: hour, row: row)) }
    }

    func addDecidedHour(_ hour: Int64, _ row: SlotIndex) {
        if !decidedHours.contains(where: { $0.hour == hour }) { decidedHours.append(HourRow(hour: hour, row: row)) }
    }

    /// Remembers that a call of this much does not fit.
    func refuse(_ amount: Int64, until instant: Int64) {
        refusedAmount = instant > refusedUntil ? amount : min(amount, refusedAmount)
        refusedUntil = instant
    }

    /// Whether a call is known not to fit, without asking.
    func isRefused(_ amount: Int64, now: Int64) -> Bool { now < refusedUntil && amount >= refusedAmount }

    /// Forgets what did not fit: the limit is another, or something was given back.
    func forgetRefusal() { refusedUntil = 0 }

    /// Whether the totals hold so much more.
    func takes(_ amount: Int64) -> Bool {
        lease.used <= Amount.largest - amount && lease.spent <= Amount.largest - amount
    }

    /// Whether Redis may lack some usage.
    func hasUnsent(_ ledger: LedgerFile) -> Bool {
        lease.unacknowledged > 0 || hasUnsentHours(ledger)
    }

    func hasUnsentHours(_ ledger: LedgerFile) -> Bool {
        !olderHours.isEmpty || !decidedHours.isEmpty || !(hourRow.map { ledger.usage($0).isSettled } ?? true)
    }

    /// Counts calls in the ledger that `lease` has spent, in the order that a kill is safe with.
    func count(_ amount: Int64, in ledger: LedgerFile) {
        ledger.lease(row).addSpent(amount)
        guard let hourRow else { preconditionFailure("usage is counted in an hour that is over") }
        ledger.usage(hourRow).addConsumed(amount)
    }

    /// Writes the lease's totals to the ledger. `granted` first: a kill in between leaves more held, never more spent.
    func store(in ledger: LedgerFile, isSpent: Bool = true) {
        let slot = ledger.lease(row)
        slot.raiseGranted(to: lease.granted)
        slot.raiseReturned(to: lease.returned)
        if isSpent { slot.raiseSpent(to: lease.spent) }
    }
}
