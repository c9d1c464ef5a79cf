@testable import RedisLink

/// Sends one hour step by step, under a claim of the partition that does not end.
extension RedisStore {
    static let times = SendTimes(mark: 60_000, summaryLag: 0)

    func beginSend(
        _ key: StoredHour.Key, attempt: String, milliseconds: Int64, form: SendForm = .total, lag: Int64 = 0,
        resend: Int64 = 82_800_000, destination: String = "mtr_1 cus_1"
    ) async throws -> SendPermit? {
        let partition = keys.partition(of: key.tenant)
        _ = try await client.command(
            ["HSET", keys[partition].claim, "by", "test", "token", "mine", "until", "9000000000000000"])
        let permit = try await beginSends(
            partition: partition, claim: "mine",
            [SendRequest(key: key, attempt: attempt, form: form, destination: destination)],
            times: SendTimes(mark: milliseconds, summaryLag: lag, resend: resend)
        )?.permits.first
        // What was acknowledged only serves reports.
        if case .send(let total, let isUnsettled, _, _) = permit {
            return .send(total: total, isUnsettled: isUnsettled)
        }
        return permit
    }

    @discardableResult
    func end(
        _ key: StoredHour.Key, _ attempt: String, _ outcome: SendResult.Outcome, total: Int64 = 0,
        form: SendForm = .total, life: String? = nil, identifier: String = "", checkAt: Int64 = 0,
        destination: String = "mtr_1 cus_1"
    ) async throws -> Bool {
        let partition = keys.partition(of: key.tenant)
        let born = try await client.command(["HGET", keys.life(partition), "born"]).text ?? ""
        let result = SendResult(
            key: key, attempt: attempt, form: form, destination: destination, outcome: outcome, total: total,
            identifier: identifier, checkAt: checkAt)
        return try await endSends(partition: partition, life: life ?? born, [result]) == [true]
    }

    @discardableResult
    func acknowledge(_ key: StoredHour.Key, attempt: String, total: Int64) async throws -> Bool {
        try await end(key, attempt, .yes, total: total)
    }
}
