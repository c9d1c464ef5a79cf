import Testing

@testable import Metering

/// The histories that broke weaker protocols. The limit is 12, and h0, h1, h2 are the holders. Each passes by the rules
/// and, where a rule alone stands in the way, breaks without it.
@Suite struct `Histories of leases` {
    static func world(_ rules: Rules = .all) -> SimWorld {
        // An odd seed has long periods; these neither share names nor send their leases one by one.
        SimWorld(seed: 11, rules: rules, limit: 12, faultless: true)
    }

    /// Whether more is admitted than the limit.
    private func breaks(
        without rules: Rules = [], _ body: (inout SimWorld) throws(SimFailure) -> Void
    ) -> Bool {
        var world = Self.world(.without(rules))
        do {
            try body(&world)
            return false
        } catch {
            return true
        }
    }

    private func expect(
        _ rules: Rules, _ body: (inout SimWorld) throws(SimFailure) -> Void,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let (breaksByRule, breaksWithout) = (breaks(body), breaks(without: rules, body))
        #expect(!breaksByRule, "the rules hold", sourceLocation: sourceLocation)
        #expect(breaksWithout, "without them it breaks", sourceLocation: sourceLocation)
    }

    @Test func `1 the lease has a spent total of its own`() {
        expect(.spentInLease) { world throws(SimFailure) in
            try world.lend(1, 8)
            try world.call(1, 3)
            for _ in 0..<6 {
                try world.advance(2_500_000)
                try world.roundTrip(1, want: 0)
            }
            try world.perform(.recycle(1))
            try world.call(1, 5)
            try world.lend(0, 4)
            try world.call(0, 4)
            try world.call(1, 3)
        }
    }

    @Test func `2 the reply states what was taken back`() {
        expect([.wholeRow, .endGivesBack]) { world throws(SimFailure) in
            try world.lend(1, 2)
            try world.silence(1, passing: 7_000_000)
            try world.lend(2, 12)
            try world.call(2, 12)
            try world.roundTrip(1, want: 0)
            try world.call(1, 2)
        }
    }

    @Test func `3 an expired lease does not come back to life after a rollback`() {
        expect(.endGivesBack) { world throws(SimFailure) in
            try world.lend(1, 8)
            world.snapshots = [world.store]
            try world.silence(1, passing: 7_000_000)
            try world.lend(0, 8)
            try world.perform(.rollback(0))
            try world.call(0, 5)
            try world.roundTrip(1, want: 0)
            try world.roundTrip(1, want: 0)
            try world.call(1, 5)
            try world.call(0, 3)
        }
    }

    @Test func `4 a lease lasts from the sending`() {
        expect(.lastsFromSending) { world throws(SimFailure) in
            world.ask(2, need: 8)
            try world.deliver(0)
            try world.advance(4_900_000)
            try world.deliver(0)
            try world.silence(2, passing: 1_500_000)
            try world.lend(1, 12)
            try world.call(1, 12)
            try world.call(2, 8)
        }
    }

    @Test func `5 learning is not over at once`() {
        expect(.learning) { world throws(SimFailure) in
            world.snapshots = [world.store]
            try world.lend(0, 8)
            try world.perform(.rollback(0))
            try world.roundTrip(2, want: 0)
            try world.lend(2, 8)
            try world.call(0, 8)
            try world.call(2, 8)
        }
    }

    @Test func `6 nothing is taken back while learning`() throws {
        for rules in [Rules.all, .without(.learningKeeps)] {
            var world = Self.world(rules)
            try world.lend(0, 8)
            world.snapshots = [world.store]
            try world.silence(0, passing: 4_000_000)
            try world.roundTrip(0, want: 0)
            try world.silence(0, passing: 3_000_000)
            try world.perform(.rollback(0))
            try world.roundTrip(1, want: 0)
            let held = world.store.usages[world.key(world.period)]?.held
            #expect(held == (rules == .all ? 8 : 0), "its holder still spends")
        }
    }

    @Test func `7 learning hands out no old grant`() {
        expect(.learningRaisesNothing) { world throws(SimFailure) in
            world.ask(0, need: 8)
            try world.deliver(0)
            world.network = []
            world.snapshots = [world.store]
            try world.silence(0, passing: 7_000_000)
            try world.lend(1, 12)
            try world.call(1, 12)
            try world.perform(.rollback(0))
            try world.roundTrip(0, want: 0)
            try world.call(0, 8)
        }
    }

    @Test func `8 a sync made before the rollback does not count as heard`() throws {
        for rules in [Rules.all, .without(.namesLife)] {
            var world = Self.world(rules)
            world.snapshots = [world.store]
            world.holders[1].acknowledged = [:]
            world.send(1, want: 0)
            guard case .request(var request) = world.network[0].content else { return }
            request.isResendComplete = false
            world.network = []
            try world.perform(.rollback(0))
            world.store.visit(run: world.runID, isFresh: false, now: world.redisNow)
            _ = world.store.sync(request, run: world.runID, now: world.redisNow)
            let isHeard = world.store.life?.telling["h1.2"] != nil
            #expect(isHeard == (rules != .all))
        }
    }

    @Test func `9 the belief is merged`() {
        expect(.belief) { world throws(SimFailure) in
            world.snapshots = [world.store]
            try world.lend(0, 8)
            try world.call(0, 2)
            try world.perform(.rollback(0))
            for _ in 0..<7 {
                try world.roundTrip(0, want: 0)
                try world.advance(1_000_000)
            }
            try world.roundTrip(1, want: 0)
            try world.lend(1, 10)
            try world.call(1, 10)
            try world.call(0, 6)
        }
    }

    @Test func `10 what silent holders had when Redis forgot is an exception, counted and bounded`() throws {
        var world = Self.world()
        world.snapshots = [world.store]
        for index in [0, 2] {
            try world.lend(index, 5)
            try world.call(index, 4)
        }
        try world.perform(.rollback(0))
        try world.silence(2, passing: 7_000_000, others: [0])
        try world.lend(0, 7)
        try world.call(0, 8)
        #expect(world.admitted[world.period] == 16)
        #expect(world.exceptions[.forgotten] == 4, "no more than what the silent one had consumed")
    }

    @Test func `11 a step of Redis's clock takes nothing back`() {
        expect(.clockSteps) { world throws(SimFailure) in
            try world.lend(1, 8)
            try world.perform(.stepRedis(60_000_000))
            try world.roundTrip(2, want: 0)
            try world.lend(2, 12)
            try world.call(2, 12)
            try world.call(1, 8)
        }
    }

    @Test func `12 a new ledger is a new holder`() throws {
        for rules in [Rules.all, .without(.incarnations)] {
            var world = Self.world(rules)
            try world.lend(1, 3)
            try world.call(1, 3)
            try world.roundTrip(1, want: 0)
            try world.perform(.loseLedger(1))
            for _ in 0..<2 { try world.roundTrip(1, want: 0) }
            try world.lend(1, 2)
            try world.call(1, 2)
            try world.roundTrip(1, want: 0)
            #expect(world.store.usages[world.key(world.period)]?.used == (rules == .all ? 5 : 3))
        }
    }

    @Test func `13 an older ledger must not go on under its name`() throws {
        for isNewIncarnation in [true, false] {
            var world = Self.world()
            let (leases, hours) = (world.holders[1].leases, world.holders[1].hours)
            try world.lend(1, 3)
            try world.call(1, 3)
            try world.roundTrip(1, want: 0)
            if isNewIncarnation {
                try world.perform(.loseLedger(1))
            } else {
                world.holders[1].die()
                world.restart(1)
                (world.holders[1].leases, world.holders[1].hours) = (leases, hours)
            }
            for _ in 0..<2 { try world.roundTrip(1, want: 0) }
            try world.lend(1, 2)
            try world.call(1, 2)
            let isWhole = (try? world.finish()) != nil
            #expect(isWhole == isNewIncarnation)
        }
    }
}
