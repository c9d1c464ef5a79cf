/// What the control plane keeps in Redis and reads from it, in terms of tenants and hours.
///
/// Each write is one script, so it happens whole or not at all.
public struct RedisStore: Sendable {
    /// The way to Redis.
    public let client: RedisClient
    /// The names of its keys.
    public let keys: KeySpace
    /// What each audit entry written here says of this daemon.
    public let origin: AuditOrigin

    /// A store over a client.
    public init(client: RedisClient, keys: KeySpace, origin: AuditOrigin = AuditOrigin(holderID: "")) {
        self.client = client
        self.keys = keys
        self.origin = origin
    }

    /// Makes sure that this Redis is ours to use: not evicting, and laid out the way this tollgate is configured.
    ///
    /// At its first use it is laid out so, and then has nothing to learn from holders; unless `hasLedger`, when this
    /// holder's ledger knows of earlier usage.
    ///
    /// Throws `misconfigured` with what to change; returns warnings that do not stop the start.
    public func prepare(hasLedger: Bool) async throws(StoreError) -> [String] {
        let policy = try await configuration("maxmemory-policy")
        if let policy, policy != "noeviction" {
            throw StoreError(
                .misconfigured,
                """
                Redis has maxmemory-policy \(policy): it would silently drop counters, which frees tenants of their \
                limits and loses bills. Set it with: CONFIG SET maxmemory-policy noeviction (and in redis.conf)
                """)
        }
        try await layOut(hasLedger: hasLedger)
        var warnings: [String] = []
        if policy == nil {
            warnings.append("Redis does not show its maxmemory-policy (CONFIG GET): make sure it is noeviction")
        }
        if try await configuration("appendonly") == "no" {
            warnings.append(
                "Redis has no append-only file (appendonly no): a restart loses what was counted since its last dump")
        }
        return warnings
    }

    /// Redis's own clock, in microseconds since 1970.
    public func time() async throws(StoreError) -> Int64 {
        let parts = try await client.command(["TIME"]).elements
        guard parts.count == 2, let seconds = parts[0].number, let micros = parts[1].number else {
            throw StoreError(.unexpected, "TIME did not answer two numbers")
        }
        return seconds * 1_000_000 + micros
    }

    /// A parameter of Redis; nil when Redis does not tell, as managed ones do not.
    public func configuration(_ parameter: String) async throws(StoreError) -> String? {
        do throws(StoreError) {
            return try await client.command(["CONFIG", "GET", parameter]).elements.last?.text
        } catch {
            guard error.code == .refused else { throw error }
            return nil
        }
    }

    /// One section of `INFO`, as name and value.
    public func info(_ section: String) async throws(StoreError) -> [String: String] {
        Self.facts(of: try await client.command(["INFO", section]).text ?? "")
    }

    /// The lines of an answer to `INFO`, as name and value.
    static func facts(of text: String) -> [String: String] {
        var facts: [String: String] = [:]
        for line in text.split(whereSeparator: \.isNewline) {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2 { facts[String(parts[0])] = String(parts[1]) }
        }
        return facts
    }

    /// Sets the facts on first use; throws when they are others already.
    private func layOut(hasLedger: Bool) async throws(StoreError) {
        guard let run = try await info("server")["run_id"] else {
            throw StoreError(.unexpected, "INFO server states no run_id")
        }
        let wanted = [
            (setting: "redis.partitions", value: String(keys.partitions)),
            (setting: "the hash of partitions", value: "fnv1a64"),
        ]
        let lives = (0..<keys.partitions).map { keys.life($0) }
        let stored = try await client.run(
            .firstUse, keys: [keys.meta] + lives, wanted.map(\.value) + [run, hasLedger ? "0" : "1"]
        ).elements.map(\.text)
        for (wanted, stored) in zip(wanted, stored) where stored != wanted.value {
            throw StoreError(
                .misconfigured,
                """
                this Redis was set up with \(wanted.setting) = \(stored ?? "nothing"), and it is configured as \
                \(wanted.value) now: tenants would be looked for in the wrong place. Set it back to \
                \(stored ?? "the old value")
                """)
        }
    }
}
