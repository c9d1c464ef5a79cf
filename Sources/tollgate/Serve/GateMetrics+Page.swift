import Control
import Gate

extension GateMetrics {
    private static let gauges: Set<Name> = [
        .connections, .tenants, .waiting, .redisConnected, .unsettledUnits, .unsettledAgeMs, .learningPartitions,
        .leases, .reservations, .ledgerSlots, .ledgerSlotsUsed, .ledgerBytes, .ledgerRetentionHours,
    ]

    /// The gate's counts as the metrics page shows them.
    var page: [Metric] {
        Name.allCases.map { name in
            let isGauge = Self.gauges.contains(name)
            return Metric(
                "tollgate_gate_\(name.infoName)\(isGauge ? "" : "_total")", help: name.help,
                kind: isGauge ? .gauge : .counter, Double(value(name)))
        }
    }
}

extension GateMetrics.Name {
    fileprivate var help: String {
        switch self {
        case .connections: "Clients connected now."
        case .accepted: "Clients accepted since the start."
        case .rejected: "Clients turned away: too many, or not allowed."
        case .requests: "Requests parsed."
        case .protocolErrors: "Requests that were not RESP."
        case .allowed: "Decisions that allowed."
        case .refused: "Decisions that refused, degraded ones included."
        case .degraded: "Decisions answered without Redis."
        case .storeErrors: "Calls answered -STORE."
        case .lateAnswers: "Answers of Redis that came after the call was answered."
        case .expiredInRedis: "Calls that Redis ran too late to count."
        case .reloads: "Tenant records read again because they had changed."
        case .strangersRefused: "Calls refused because too many tenants without a record have used something."
        case .tenants: "Tenant records held in memory."
        case .waiting: "Calls waiting for Redis."
        case .redisConnected: "1 while the gate is connected to Redis."
        case .decidedByLease: "Calls decided in memory, most of them from a lease."
        case .decidedByRedis: "Calls that Redis decided, or granted units to that waited for them."
        case .decidedByPolicy: "Calls that a failure policy decided, allowed or refused."
        case .rateBatches: "Batches of a rate's cells granted in advance."
        case .rateRefusalsRemembered: "Calls refused by a rate without asking Redis again before its retry time."
        case .syncs: "Runs of the script that syncs leases with Redis."
        case .syncedLeases: "Leases named in syncs."
        case .grants: "Syncs of a lease that were granted units."
        case .refills: "Leases refilled before they were empty."
        case .recalls: "Recalls answered, because others waited for what was unspent here."
        case .strandedUnits: "Units that were unspent when their lease ended without a renewal."
        case .overshootUnits: "Units counted past what was granted: usage after the fact, and by failure policy."
        case .unsettledUnits: "Units that Redis may not have yet."
        case .unsettledAgeMs: "Milliseconds for which the oldest of them have waited."
        case .learningPartitions: "Partitions of Redis that grant nothing while they learn what they forgot."
        case .leases: "Leases with something unspent, unsent or waited for."
        case .reservations: "Open reservations."
        case .reservationsExpired: "Reservations that nobody settled in time."
        case .ledgerSlots: "Rows of the ledger."
        case .ledgerSlotsUsed: "Rows of the ledger in use."
        case .ledgerBytes: "Bytes of the ledger and its index that the rows in use take."
        case .ledgerRetentionHours: "Hours that the ledger keeps usage after Redis has it."
        case .ledgerFull: "Times that the ledger had no room for a row."
        case .thresholdsCrossed: "Crossings of thresholds that this gate was the first to see."
        case .thresholdsPutOff: "Looks at thresholds put off until the next use: too many waited, or Redis was away."
        case .noticesDropped: "Notices that had no room behind those that wait to be delivered."
        }
    }
}
