import Foundation
import Synchronization
import Testing

@testable import Ledger

@Suite struct SlotPointerTests {
    /// A slot in memory, and how often it was made anew.
    private final class Shared: @unchecked Sendable {
        // One thread writes, and the other reads as another process would: by single loads of whole words.
        let words = UnsafeMutablePointer<UInt64>.allocate(capacity: SlotPointer.wordCount)
        let rounds = Atomic<UInt64>(0)
        let isEnough = Atomic(false)

        init() { words.initialize(repeating: 0, count: SlotPointer.wordCount) }
        deinit { words.deallocate() }
    }

    private static func rewrite(_ shared: Shared) {
        let slot = SlotPointer(UnsafeMutableRawPointer(shared.words))
        var round: UInt64 = 1
        while !shared.isEnough.load(ordering: .relaxed) {
            let place = SlotPlace(
                kind: .usage, periodStart: UInt32(truncatingIfNeeded: round),
                hour: UInt32(truncatingIfNeeded: round) & 0xffff)
            slot.publish(
                SlotKey(low: round, high: ~round), place,
                SlotDescriptor(.usage, tenantID: 1, meterID: 1, incarnation: 0))
            slot.add(0, Int64(round))
            slot.setDescriptor(.free)
            shared.rounds.store(round, ordering: .relaxed)
            round += 1
        }
    }

    @Test func `at no moment is a slot there in part`() {
        let shared = Shared()
        Thread.detachNewThread { Self.rewrite(shared) }
        let deadline = ContinuousClock.now + .seconds(30)
        var seen = 0
        var halves = 0
        while shared.rounds.load(ordering: .relaxed) < 4_000_000 || seen < 1000, ContinuousClock.now < deadline {
            guard let image = SlotImage(racing: shared.words), image.descriptor != .free else { continue }
            seen += 1
            let round = image.key.low
            let isWhole =
                image.key.high == ~round && image.periodStart == UInt32(truncatingIfNeeded: round)
                && image.hour == UInt32(truncatingIfNeeded: round) & 0xffff
                && (image.totals[0] == 0 || image.totals[0] == Int64(round)) && image.totals[1] == 0
            if !isWhole { halves += 1 }
        }
        shared.isEnough.store(true, ordering: .relaxed)
        #expect(seen >= 1000)
        #expect(halves == 0)
    }
}
