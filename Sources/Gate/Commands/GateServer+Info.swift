internal import Reactor
internal import RedisLink

extension GateServer {
    /// The text of `INFO`: sections of `name:value` lines, as Redis's clients parse them.
    func infoText(for client: ClientConnection) -> String {
        let configuration = rules.configuration
        let uptime = (loop.now - startedAt) / 1_000_000
        var lines = [
            "# Server", "tollgate_version:\(configuration.version)", "holder:\(configuration.holder)",
            "uptime_in_seconds:\(uptime)", "", "# Clients",
            "connected_clients:\(metrics.value(.connections))", "maxclients:\(configuration.maxConnections)", "",
            "# Redis", "redis_connected:\(metrics.value(.redisConnected))",
            "redis_partitions:\(configuration.keys.partitions)", "redis_waiting:\(queue.waitingCount)", "", "# Gate",
        ]
        for name in GateMetrics.Name.allCases { lines.append("\(name.infoName):\(metrics.value(name))") }
        lines.append("")
        return lines.joined(separator: "\r\n")
    }
}

extension GateMetrics.Name {
    /// As `INFO` and `/metrics` name it: lower case with underscores.
    public var infoName: String {
        String(
            String(describing: self).flatMap { $0.isUppercase ? ["_", Character($0.lowercased())] : [$0] })
    }
}
