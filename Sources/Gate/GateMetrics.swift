internal import Synchronization

/// The gate's counts: written by its loop alone, read by any thread at any time.
///
/// Each is one relaxed store, so counting costs the gate no lock and no bus cycle.
public final class GateMetrics: @unchecked Sendable {
    /// One count.
    public enum Name: Int, CaseIterable, Sendable {
        /// Clients connected now.
        case connections
        /// Clients accepted since the start.
        case accepted
        /// Clients turned away: too many, or not allowed.
        case rejected
        /// Requests parsed.
        case requests
        /// Requests that were no RESP.
        case protocolErrors
        /// Decisions that allowed.
        case allowed
        /// Decisions that refused.
        case refused
        /// Decisions made without Redis, by the failure policy, either way.
        case degraded
        /// Calls answered `-STORE`.
        case storeErrors
        /// Answers of Redis that came after the call was answered.
        case lateAnswers
        /// Calls that Redis ran too late to count.
        case expiredInRedis
        /// Records read because a decision found another version.
        case reloads
        /// Calls refused because too many tenants without a record have used something.
        case strangersRefused
        /// Tenant records held in memory.
        case tenants
        /// Calls waiting for Redis.
        case waiting
        /// 1 while Redis is connected.
        case redisConnected
        /// Calls decided from a lease, in this process's memory.
        case decidedByLease
        /// Calls that Redis decided, or that waited for it to grant what they took.
        case decidedByRedis
        /// Calls that the failure policy decided, either way.
        case decidedByPolicy
        /// Batches of a rate's cells that were granted in advance.
        case rateBatches
        /// Calls refused by what Redis had said of a rate before, without asking it.
        case rateRefusalsRemembered
        /// Runs of the script that syncs leases.
        case syncs
        /// Leases named in them.
        case syncedLeases
        /// Syncs of a lease that were granted something.
        case grants
        /// Leases refilled before they were empty.
        case refills
        /// Recalls answered: others waited for what was unspent here.
        case recalls
        /// Units that were unspent when their lease ended, because Redis did not answer in time.
        case strandedUnits
        /// Units counted past what was granted: usage after the fact, and what a failure policy let through.
        case overshootUnits
        /// Units that Redis may not have yet, and for how long the oldest of them have waited.
        case unsettledUnits, unsettledAgeMs
        /// Partitions of Redis that grant nothing because they learn what they have forgotten.
        case learningPartitions
        /// Leases with something unspent, unsent or waited for.
        case leases
        /// Open reservations.
        case reservations
        /// Reservations that nobody settled in time.
        case reservationsExpired
        /// Rows of the ledger, those in use, and the bytes that file and index take for them.
        case ledgerSlots, ledgerSlotsUsed, ledgerBytes
        /// How many hours of usage the ledger keeps: less than was wished for when rows run short.
        case ledgerRetentionHours
        /// Times that the ledger had no room for a row.
        case ledgerFull
        /// Thresholds that this gate saw crossed first.
        case thresholdsCrossed
        /// Looks at thresholds that were put off because too many waited, or Redis did not answer.
        case thresholdsPutOff
        /// Notices that had no room, because so many wait to be delivered.
        case noticesDropped
    }

    /// One count each, in one piece of memory that lives as long as this: to reach a count costs no reference counting.
    private let counts: UnsafeMutablePointer<Atomic<Int>>

    /// All at 0.
    public init() {
        counts = .allocate(capacity: Name.allCases.count)
        for name in Name.allCases { (counts + name.rawValue).initialize(to: Atomic(0)) }
    }

    deinit {
        counts.deinitialize(count: Name.allCases.count)
        counts.deallocate()
    }

    /// The count now.
    public func value(_ name: Name) -> Int { counts[name.rawValue].load(ordering: .relaxed) }

    /// Adds; on the loop's thread only, which is why a load and a store do.
    func add(_ name: Name, _ amount: Int = 1) {
        let sum = counts[name.rawValue].load(ordering: .relaxed) &+ amount
        counts[name.rawValue].store(sum, ordering: .relaxed)
    }

    func set(_ name: Name, _ amount: Int) {
        counts[name.rawValue].store(amount, ordering: .relaxed)
    }
}
