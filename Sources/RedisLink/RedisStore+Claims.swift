extension RedisStore {
    /// Says that the flusher `name` is alive for so long from now, and renews its claims: partition and token.
    ///
    /// - Returns: who is alive, and the partitions whose claims are renewed. One that is not is another's by now.
    public func beat(
        flusher name: String, renewing claims: [Int: String], milliseconds: Int64
    ) async throws(StoreError) -> (alive: [String], renewed: Set<Int>) {
        let partitions = claims.keys.sorted()
        let beat = ScriptCall(.flusherBeat, keys: [keys.flushers], [name, String(milliseconds)])
        let renewals = partitions.map { claim("renew", $0, name, claims[$0] ?? "", milliseconds) }
        let answers = try await client.run([beat] + renewals)
        return (
            answers.first?.elements.compactMap(\.text) ?? [],
            Self.done(partitions, answers.dropFirst())
        )
    }

    /// Those of these partitions that `name` may claim. `milliseconds` is how long a claim lasts.
    public func claimable(
        _ partitions: [Int], by name: String, milliseconds: Int64
    ) async throws(StoreError) -> Set<Int> {
        let answers = try await client.run(partitions.map { claim("look", $0, name, "", milliseconds) })
        return Self.done(partitions, answers[...])
    }

    /// Claims partitions, each under a token that nobody ever used. Returns those that are claimed now.
    public func takeClaims(
        _ claims: [Int: String], by name: String, milliseconds: Int64
    ) async throws(StoreError) -> Set<Int> {
        let partitions = claims.keys.sorted()
        let answers = try await client.run(
            partitions.map { claim("take", $0, name, claims[$0] ?? "", milliseconds) })
        return Self.done(partitions, answers[...])
    }

    /// Gives claims up, where the token is the current one still. `milliseconds` is how long a claim lasts.
    public func releaseClaims(
        _ claims: [Int: String], by name: String, milliseconds: Int64
    ) async throws(StoreError) {
        _ = try await client.run(claims.map { claim("release", $0.key, name, $0.value, milliseconds) })
    }

    /// Counts the flusher as alive no more.
    public func leave(flusher name: String) async throws(StoreError) {
        _ = try await client.run(.flusherBeat, keys: [keys.flushers], [name, "0"])
    }

    private func claim(
        _ action: String, _ partition: Int, _ name: String, _ token: String, _ milliseconds: Int64
    ) -> ScriptCall {
        ScriptCall(.claim, keys: [keys.claim(partition)], [action, name, token, String(milliseconds)])
    }

    private static func done(_ partitions: [Int], _ answers: ArraySlice<RedisValue>) -> Set<Int> {
        Set(zip(partitions, answers).filter { $1.number == 1 }.map(\.0))
    }
}
