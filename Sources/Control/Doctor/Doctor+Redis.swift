import RedisLink

extension Doctor {
    /// The oldest version whose commands the scripts use.
    private static let oldestVersion = [6, 2]
    /// Past this difference of clocks, in milliseconds, periods begin visibly early or late.
    private static let clockTolerance: Int64 = 1000

    /// Redis, its policy, its append-only file, its clock.
    func redisChecks() async -> [DoctorReport.Check] {
        guard let store else {
            return [.init("redis", .fault, "there is no way to Redis: check redis.url, or start the daemon")]
        }
        let asked = now()
        do {
            let server = try await store.info("server")
            var checks = [version(server["redis_version"] ?? "", at: store.client.endpoint.name)]
            checks.append(policy(try await store.configuration("maxmemory-policy")))
            checks.append(try await appendOnly(store))
            let before = now()
            let redis = try await store.time() / 1000
            checks.append(clock(redis: redis, before: before, after: now()))
            return checks
        } catch {
            return [.init("redis", .fault, "\(store.client.endpoint.name), after \(now() - asked) ms: \(error)")]
        }
    }

    private func version(_ version: String, at name: String) -> DoctorReport.Check {
        let parts = version.split(separator: ".").map { Int($0) ?? 0 }
        guard !parts.lexicographicallyPrecedes(Self.oldestVersion) else {
            return .init("redis", .fault, "\(name) is version \(version), and 6.2 is the oldest that works: upgrade it")
        }
        return .init("redis", .ok, "\(name), version \(version)")
    }

    private func policy(_ policy: String?) -> DoctorReport.Check {
        switch policy {
        case "noeviction": .init("redis policy", .ok, "noeviction")
        case let policy?:
            .init(
                "redis policy", .fault,
                "maxmemory-policy is \(policy), which drops counters: CONFIG SET maxmemory-policy noeviction")
        case nil: .init("redis policy", .warning, "Redis does not show it: make sure that it is noeviction")
        }
    }

    /// `INFO` tells it even where `CONFIG` is taken away.
    private func appendOnly(_ store: RedisStore) async throws(StoreError) -> DoctorReport.Check {
        let name = "redis append-only file"
        let facts = try await store.info("persistence")
        guard facts["aof_enabled"] == "1" else {
            return .init(
                name, .warning, "off: a restart loses what was counted since the last dump; set appendonly yes")
        }
        guard facts["aof_last_write_status"] == "ok" else {
            return .init(name, .fault, "its last write failed: check the disk of Redis")
        }
        return .init(name, .ok, "on, and its last write succeeded")
    }

    private func clock(redis: Int64, before: Int64, after: Int64) -> DoctorReport.Check {
        // Redis read its clock between the two instants.
        let difference = redis < before ? redis - before : max(0, redis - after)
        guard abs(difference) <= Self.clockTolerance else {
            let direction = difference > 0 ? "ahead of" : "behind"
            return .init(
                "clock", .warning,
                "Redis's clock is \(abs(difference)) ms \(direction) this host's: run a time service on both")
        }
        return .init("clock", .ok, "within \(max(1, after - before)) ms of Redis's")
    }
}
