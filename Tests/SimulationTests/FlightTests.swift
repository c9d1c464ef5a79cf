import Testing

@testable import Metering

/// What is in flight at a holder that has fallen silent (F23).
@Suite struct FlightTests {
    @Test(arguments: [true, false])
    func `what is in flight at a silent holder is its own until it would have ended`(isRuleOn: Bool) throws {
        var world = SimWorld(seed: 1, rules: isRuleOn ? .all : .without(.reservations), faultless: true)
        try hold(0, 4, in: &world)
        // Within a horizon Redis is told.
        try world.roundTrip(0, want: 0)
        world.holders[0].isPaused = true
        // Its lease is over and taken back, but for what it holds.
        try world.advance(8_000_000)
        guard isRuleOn else {
            #expect(throws: SimFailure.self) { try hold(1, 4, in: &world) }
            return
        }
        try hold(1, 4, in: &world)
        #expect(!world.held.contains { $0.holder == 1 })
        try hold(1, 2, in: &world)
        #expect(world.held.contains { $0.holder == 1 && $0.amount == 2 })
    }

    @Test func `what a dead client held is there again for others`() throws {
        var world = SimWorld(seed: 1, faultless: true)
        try hold(0, 6, in: &world)
        try world.advance(19_000_000)
        for index in [0, 1] { try world.roundTrip(index, want: 0) }
        world.holders[0].leases[SimWorld.flight]?.giveBack()
        try world.roundTrip(0, want: 0)
        try hold(1, 6, in: &world)
        #expect(world.held.map(\.holder) == [1])
    }

    /// Asks for units again and again, a share each time, until it has enough of them.
    private func hold(_ index: Int, _ n: Int64, in world: inout SimWorld) throws {
        let before = world.held.count
        for _ in 0..<10 where world.held.count == before {
            try world.hold(index, n)
            while let place = world.network.firstIndex(where: { world.holders[$0.holder].works }) {
                try world.deliver(place)
            }
        }
    }
}
