extension RedisStore {
    /// Says that `token`, which nobody else has, makes the comparison of a day (since 1970) for so long from now. False
    /// when another does, or the day has its report.
    public func takeReconcile(token: String, day: Int64, seconds: Int64) async throws(StoreError) -> Bool {
        try await client.run(.reconcileTake, keys: [keys.reconcile], [token, String(day), String(seconds), ""]).number
            == 1
    }

    /// Keeps the report (JSON) of the comparison of a day, which ends it. False when another took it over.
    public func endReconcile(token: String, day: Int64, report: String) async throws(StoreError) -> Bool {
        try await client.run(.reconcileTake, keys: [keys.reconcile], [token, String(day), "0", report]).number == 1
    }

    /// The report (JSON) of the last daily comparison; nil before the first.
    public func reconcileReport() async throws(StoreError) -> String? {
        try await client.command(["HGET", keys.reconcile, "report"]).text
    }
}
