extension RedisStore {
    /// How many hours one script is given, so that Redis is not kept from other work for long.
    public static let sendsPerScript = 64

    /// Marks hours of one partition as being sent, and states what to send. Nil when the claim is lost: then nothing
    /// was marked. At most ``sendsPerScript`` at once.
    public func beginSends(
        partition: Int, claim: String, _ requests: [SendRequest], times: SendTimes
    ) async throws(StoreError) -> SendPermits? {
        let answer = try await client.run(
            .sendBegin,
            keys: [keys.owed(partition), keys.life(partition), keys[partition].claim, keys[partition].dead]
                + requests.map { dayKey($0.key) },
            [claim, String(times.mark), String(times.summaryLag), String(times.resend)]
                + requests.flatMap {
                    [
                        String($0.key.hour), $0.key.member, $0.attempt, $0.form.rawValue, $0.destination,
                    ]
                }
        ).elements
        guard let life = answer.first?.text else { return nil }
        let permits = answer.dropFirst().compactMap { Self.permit($0.elements) }
        guard permits.count == requests.count else {
            throw StoreError(.unexpected, "beginning sends: \(answer.count) answers to \(requests.count) hours")
        }
        return SendPermits(life: life, permits: permits)
    }

    /// Ends sends of one partition. False where the mark is no longer the attempt's: nothing was changed there.
    ///
    /// - Parameter life: of the partition when they were begun.
    public func endSends(
        partition: Int, life: String, _ results: [SendResult]
    ) async throws(StoreError) -> [Bool] {
        let arguments = results.flatMap { result in
            [
                String(result.key.hour), result.key.member, result.attempt, result.outcome.rawValue,
                String(result.total), result.identifier, String(result.checkAt), result.form.rawValue,
                result.destination,
            ]
        }
        let answer = try await client.run(
            .sendEnd,
            keys: [keys.owed(partition), keys.life(partition), keys[partition].checks]
                + results.map { dayKey($0.key) },
            [life] + arguments
        ).elements
        return answer.map { $0.number == 1 }
    }

    private static func permit(_ answer: [RedisValue]) -> SendPermit? {
        let numbers = answer.map { $0.number ?? 0 }
        switch (numbers.first, answer.count) {
        case (0, 5):
            return .send(
                total: numbers[1], isUnsettled: numbers[2] == 1, acknowledged: numbers[3], isCredit: numbers[4] == 1)
        case (1, 2): return .underWay(until: numbers[1])
        case (2, 1): return .settled
        case (3, 1): return .dead
        case (5, 4): return .sendRange(from: numbers[1], to: numbers[2], identifier: answer[3].text ?? "")
        case (6, 1): return .compare
        case (7, 1): return .late
        case (8, 1): return .credit
        default: return nil
        }
    }
}
