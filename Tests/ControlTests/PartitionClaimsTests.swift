import RedisLink
import Synchronization
import TestSupport
import Testing

@testable import Control

@Suite(.serialized) struct PartitionClaimsTests {
    /// A daemon's claims, and the clock by which it holds them.
    private struct Daemon {
        let claims: PartitionClaims
        let time: Time

        /// What it may send for.
        var held: Set<Int> { Set(claims.held().keys) }
        var tokens: Set<String> { Set(claims.held().values.map(\.token)) }
    }

    /// Time stands still unless a test moves it, and a test may take as long as it likes.
    private static let timing = ClaimTiming(
        lifetime: .seconds(800), margin: .seconds(100), renewal: .seconds(400), interval: .seconds(200))

    private final class Time: Sendable {
        private let offset = Mutex(Duration.zero)
        private let start = ContinuousClock.now

        var now: ContinuousClock.Instant { start + offset.withLock { $0 } }
        func advance(_ time: Duration) { offset.withLock { $0 += time } }
    }

    private static let everything = Set(0..<16)

    private func daemon(_ rig: Rig, _ name: String?) -> Daemon {
        let time = Time()
        return Daemon(
            claims: PartitionClaims(
                store: rig.store, name: { name }, clock: ContinuousClock(), logger: rig.logs.logger,
                timing: Self.timing, now: { time.now }),
            time: time)
    }

    /// Lets what these names say in Redis run out, as if they had been silent for so long.
    private func age(_ rig: Rig, _ name: String) async throws {
        let client = rig.store.client
        _ = try await client.command(["ZADD", "tg:flushers", "XX", "1", name])
        for partition in Self.everything {
            let key = rig.store.keys.claim(partition)
            let by = try await client.command(["HGET", key, "by"])
            if by == .string(name) { _ = try await client.command(["HSET", key, "until", "1"]) }
        }
    }

    @Test func `a daemon alone claims everything with its first look`() async throws {
        let rig = try await Rig()
        let one = daemon(rig, "a")
        #expect(one.held.isEmpty && !one.claims.isMine(0) && one.claims.status.flushers == 0)
        await one.claims.refresh()
        #expect(one.held == Self.everything && one.claims.isMine(0) && !one.claims.isMine(16))
        #expect(one.tokens.count == 16)
        #expect(one.claims.status.claimed == 16 && one.claims.status.flushers == 1)
        var changes = one.claims.changes.makeAsyncIterator()
        #expect(await changes.next() != nil)
    }

    @Test func `three share evenly, whoever comes, and nothing is held by two at any moment`() async throws {
        let rig = try await Rig()
        let daemons = ["c", "a", "b"].map { daemon(rig, $0) }
        for count in 1...3 {
            for _ in 0..<3 {
                for daemon in daemons.prefix(count) {
                    await daemon.claims.refresh()
                    #expect(daemons.flatMap(\.held).count == Set(daemons.flatMap(\.held)).count)
                }
            }
            #expect(Set(daemons.flatMap(\.held)) == Self.everything)
            let sizes = daemons.prefix(count).map(\.held.count)
            #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= 1)
        }
        let before = daemons.map(\.tokens)
        for daemon in daemons {
            daemon.time.advance(Self.timing.renewal)
            await daemon.claims.refresh()
        }
        #expect(daemons.map(\.tokens) == before, "who has its share keeps it")
    }

    @Test func `what several look at in the same moment is claimed by one, with the token that Redis has`()
        async throws
    {
        let rig = try await Rig()
        let daemons = ["a", "b", "c", "d"].map { daemon(rig, $0) }
        for _ in 0..<20 {
            await withTaskGroup { group in
                for daemon in daemons { group.addTask { await daemon.claims.refresh() } }
            }
            let held = daemons.flatMap { $0.claims.held().values }
            #expect(Set(held.map(\.partition)).count == held.count)
            for claim in held {
                let key = rig.store.keys.claim(claim.partition)
                #expect(try await rig.store.client.command(["HGET", key, "token"]) == .string(claim.token))
            }
            if let stopped = daemons.randomElement() {
                await stopped.claims.standAside(for: .seconds(1))
                stopped.time.advance(.seconds(2))
            }
        }
    }

    @Test func `what a daemon that died had is taken over as soon as it has run out`() async throws {
        let rig = try await Rig()
        let (dead, alive) = (daemon(rig, "a"), daemon(rig, "b"))
        for daemon in [dead, alive, dead, alive] { await daemon.claims.refresh() }
        #expect(dead.held.count == 8 && alive.held.count == 8)
        let lost = dead.held
        // The dead one says nothing any more; by its own clock it stops before Redis gives its claims away.
        dead.time.advance(Self.timing.validity)
        #expect(dead.held.isEmpty && lost.allSatisfy { !dead.claims.isMine($0) })
        try await age(rig, "a")
        await alive.claims.refresh()
        #expect(alive.held == Self.everything)
        // It was only frozen: it hears that they are another's, and takes its share anew when it is given up.
        await dead.claims.refresh()
        #expect(dead.held.isEmpty && dead.claims.status.flushers == 2)
        await alive.claims.refresh()
        await dead.claims.refresh()
        #expect(dead.held.count == 8 && alive.held.count == 8)
    }

    @Test func `a graceful stop gives everything up at once, for good`() async throws {
        let rig = try await Rig()
        let (one, two) = (daemon(rig, "a"), daemon(rig, "b"))
        for daemon in [one, two, one, two] { await daemon.claims.refresh() }
        await one.claims.close()
        #expect(one.held.isEmpty)
        await one.claims.refresh()
        #expect(one.held.isEmpty)
        await two.claims.refresh()
        #expect(two.held == Self.everything && two.claims.status.flushers == 1)
    }

    @Test func `a process that follows under the same name takes over at once`() async throws {
        let rig = try await Rig()
        let (former, next) = (daemon(rig, "a"), daemon(rig, "a"))
        await former.claims.refresh()
        await next.claims.refresh()
        #expect(next.held == Self.everything && next.tokens.isDisjoint(with: former.tokens))
    }

    @Test func `claims are renewed in time, and without Redis are good until they run out here`() async throws {
        let rig = try await Rig()
        let one = daemon(rig, "a")
        await one.claims.refresh()
        let tokens = one.tokens
        for _ in 0..<5 {
            one.time.advance(Self.timing.interval)
            await one.claims.refresh()
        }
        #expect(one.tokens == tokens, "they are the same, though their first lifetime is long over")
        rig.redis.kill()
        one.time.advance(Self.timing.interval)
        let until = one.claims.held()[0]?.validUntil
        await one.claims.refresh()
        #expect(one.tokens == tokens && one.claims.held()[0]?.validUntil == until)
        #expect(one.claims.status.flushers == 0)
        #expect(rig.logs.lines.contains { $0.contains("claims of partitions wait for Redis") })
        one.time.advance(Self.timing.validity)
        #expect(one.held.isEmpty)
        // It comes back without memory: what it does not have is not renewed, and is claimed anew.
        try await rig.redis.restart()
        try await eventually("it has everything again") {
            await one.claims.refresh()
            return one.held == Self.everything
        }
        #expect(one.tokens.isDisjoint(with: tokens))
    }

    @Test func `a token that Redis refused is not used again, and the partition is claimed anew`() async throws {
        let rig = try await Rig()
        let one = daemon(rig, "a")
        await one.claims.refresh()
        let claim = try #require(one.claims.held()[3])
        _ = try await rig.store.client.command(["DEL", rig.store.keys.claim(3)])
        await one.claims.lost(claim)
        #expect(!one.claims.isMine(3) && one.held.count == 15)
        await one.claims.refresh()
        let next = try #require(one.claims.held()[3])
        #expect(next.token != claim.token)
        // Said late, it concerns the former claim only.
        await one.claims.lost(claim)
        #expect(one.claims.isMine(3))
    }

    @Test func `who stands aside leaves its share to the others until the time is over`() async throws {
        let rig = try await Rig()
        let (one, two) = (daemon(rig, "a"), daemon(rig, "b"))
        for daemon in [one, two, one, two] { await daemon.claims.refresh() }
        await one.claims.standAside(for: .seconds(60))
        await two.claims.refresh()
        await one.claims.refresh()
        #expect(one.held.isEmpty && two.held == Self.everything)
        one.time.advance(.seconds(61))
        for daemon in [one, two, one] { await daemon.claims.refresh() }
        #expect(one.held.count == 8)
    }

    @Test func `without a name nothing is claimed`() async throws {
        let rig = try await Rig()
        let one = daemon(rig, nil)
        await one.claims.refresh()
        await one.claims.close()
        #expect(one.held.isEmpty)
    }

    @Test func `a daemon that runs claims by itself, and gives up when it stops`() async throws {
        let rig = try await Rig()
        let one = daemon(rig, "a")
        let task = Task { try await ClaimService(claims: one.claims).run() }
        try await eventually("everything is claimed") { one.held == Self.everything }
        task.cancel()
        try await task.value
        #expect(one.held.isEmpty)
        #expect(try await rig.redis.cli("KEYS", "*") == "")
    }
}
