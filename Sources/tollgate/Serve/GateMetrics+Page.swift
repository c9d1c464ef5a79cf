import Control
import Gate

extension GateMetrics {
    /// The gate's counts as the metrics page shows them.
    var page: [Metric] {
        Name.allCases.map { name in
            let isGauge = [.connections, .tenants, .waiting, .redisConnected].contains(name)
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
        }
    }
}
