import TestSupport
import Testing

@testable import Ledger

@Suite struct FreeSlotsTests {
    @Test func `the lowest free slot is taken first`() {
        var random = SeededRandom(for: "free slots")
        var free = FreeSlots(slotCount: 10_000)
        var model: Set<Int> = []
        #expect(free.take() == nil)
        for _ in 0..<5000 {
            if Bool.random(using: &random) {
                let slot = Int.random(in: 0..<10_000, using: &random)
                if model.insert(slot).inserted { free.give(slot) }
            } else {
                let lowest = model.min()
                #expect(free.take() == lowest)
                if let lowest { model.remove(lowest) }
            }
            #expect(free.count == model.count)
        }
    }

    @Test func `a slot cannot be let go twice`() async {
        await #expect(processExitsWith: .failure) {
            var free = FreeSlots(slotCount: 100)
            free.give(70)
            free.give(70)
        }
    }
}
