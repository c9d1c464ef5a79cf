import TestSupport
import Testing

@testable import Ledger

@Suite struct ProbeTableTests {
    /// Hashes that fall on few places at both ends of a table of 64, so that runs are long and go round its end.
    private struct Crowd {
        var hashes: [UInt32: (low: UInt64, high: UInt64)] = [:]

        init(_ random: inout SeededRandom, count: UInt32) {
            for number in 1...count {
                let home = [62, 63, 0, 1, 5, 30].randomElement(using: &random) ?? 0
                let high = random.next() & 0xffff_ffff_c000_0000
                hashes[number] = (UInt64(home) | random.next() << 6, high)
            }
        }

        func hash(_ number: UInt32) -> (low: UInt64, high: UInt64) { hashes[number] ?? (0, 0) }
    }

    @Test func `after each deletion all others are found, and nothing else`() {
        var random = SeededRandom(for: "deletion by backward shift")
        for _ in 0..<200 {
            let crowd = Crowd(&random, count: 48)
            var table = ProbeTable(maxCount: 48, maxNumber: 48)
            var present: Set<UInt32> = []
            for _ in 0..<300 {
                let number = UInt32.random(in: 1...48, using: &random)
                let hash = crowd.hash(number)
                if present.remove(number) == nil {
                    table.insert(number, low: hash.low, high: hash.high)
                    present.insert(number)
                } else {
                    table.remove(number, low: hash.low) { crowd.hash($0).low }
                }
                #expect(table.count == present.count)
                var isRight = true
                for other in UInt32(1)...48 {
                    let hash = crowd.hash(other)
                    let found = table.find(low: hash.low, high: hash.high) { $0 == other }
                    isRight = isRight && (found != nil) == present.contains(other)
                }
                #expect(isRight, "of \(present.sorted())")
            }
        }
    }

    @Test func `what is not there is removed without harm`() {
        var table = ProbeTable(maxCount: 12, maxNumber: 12)
        table.insert(3, low: 5, high: 0)
        table.remove(4, low: 5) { _ in 5 }
        #expect(table.count == 1)
        #expect(table.find(low: 5, high: 0) { $0 == 3 } == 3)
    }

    @Test func `a look at a number is taken only for its own hash`() {
        var random = SeededRandom(for: "tags")
        var table = ProbeTable(maxCount: 3 << 18, maxNumber: 3 << 18)
        var hashes: [(low: UInt64, high: UInt64)] = []
        for number in 1...UInt32(3 << 18) {
            let hash = (low: random.next(), high: random.next())
            hashes.append(hash)
            table.insert(number, low: hash.low, high: hash.high)
        }
        #expect(table.load == 0.75)
        var looks = 0
        for (index, hash) in hashes.enumerated() {
            let found = table.find(low: hash.low, high: hash.high) {
                looks += 1
                return $0 == UInt32(index + 1)
            }
            #expect(found == UInt32(index + 1))
        }
        // Three entries stand before one's own on average, each with a tag of 12 bits.
        #expect(looks < hashes.count + hashes.count / 500)
    }

    @Test func `it never takes more than it has room for`() async {
        await #expect(processExitsWith: .failure) {
            var table = ProbeTable(maxCount: 1, maxNumber: 4)
            table.insert(1, low: 0, high: 0)
            table.insert(2, low: 0, high: 0)
        }
    }
}
