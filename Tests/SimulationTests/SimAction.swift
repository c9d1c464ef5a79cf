import TestSupport

/// One step of a simulated history. The fate of every message is a step of its own.
enum SimAction {
    case advance(Int64)
    case call(Int, Int64)
    /// A call whose process was frozen between reading the clock and spending, for this long.
    case frozenCall(Int, Int64, Int64)
    case record(Int, Int64)
    case decide(Int, Int64, isAnswered: Bool)
    case reserve(Int, Int64)
    case commit(Int, Int64)
    case sync(Int, Int64)
    case roundTrip(Int, Int64)
    case giveBack(Int)
    /// The process is killed once it has passed this many points of danger.
    case kill(Int, Int)
    case restart(Int)
    case loseLedger(Int)
    case pause(Int)
    case resume(Int)
    case jump(Int, Int64)
    case recycle(Int)
    case deliver(Int)
    case repeatMessage(Int)
    case drop(Int)
    case snapshot
    case rollback(Int)
    case flushAll
    case stepRedis(Int64)
    case limit(Int64)

    private static let weights: [(Int, @Sendable (inout SeededRandom) -> SimAction)] = [
        (100, { .advance([60_000, 375_000, 1_000_000, 2_500_000].randomElement(using: &$0) ?? 0) }),
        (300, { .call(holder(&$0), .random(in: 1...3, using: &$0)) }),
        (3, { .frozenCall(holder(&$0), .random(in: 1...3, using: &$0), .random(in: 0...2_000_000, using: &$0)) }),
        (20, { .record(holder(&$0), .random(in: 1...4, using: &$0)) }),
        (10, { .decide(holder(&$0), .random(in: 1...3, using: &$0), isAnswered: .random(using: &$0)) }),
        (10, { .reserve(holder(&$0), .random(in: 1...3, using: &$0)) }),
        (10, { .commit(.random(in: 0...7, using: &$0), .random(in: 0...4, using: &$0)) }),
        (100, { .sync(holder(&$0), [0, 2, 5, 8].randomElement(using: &$0) ?? 0) }),
        (180, { .roundTrip(holder(&$0), [2, 5, 8].randomElement(using: &$0) ?? 0) }),
        (20, { .giveBack(holder(&$0)) }),
        (20, { .kill(holder(&$0), .random(in: 0...3, using: &$0)) }),
        (30, { .restart(holder(&$0)) }),
        (7, { .loseLedger(holder(&$0)) }),
        (20, { .pause(holder(&$0)) }),
        (30, { .resume(holder(&$0)) }),
        (5, { .jump(holder(&$0), [300_000, 7_000_000].randomElement(using: &$0) ?? 0) }),
        (20, { .recycle(holder(&$0)) }),
        (220, { .deliver(.random(in: 0...0xffff, using: &$0)) }),
        (30, { .repeatMessage(.random(in: 0...0xffff, using: &$0)) }),
        (40, { .drop(.random(in: 0...0xffff, using: &$0)) }),
        (20, { _ in .snapshot }),
        (12, { .rollback(.random(in: 0...0xffff, using: &$0)) }),
        (3, { _ in .flushAll }),
        (6, { .stepRedis([-60_000_000, 8_000_000, 60_000_000].randomElement(using: &$0) ?? 0) }),
        (10, { .limit([8, 12, 16, 20].randomElement(using: &$0) ?? 12) }),
    ]
    private static let total = weights.reduce(0) { $0 + $1.0 }

    private static func holder(_ random: inout SeededRandom) -> Int { .random(in: 0...2, using: &random) }

    /// A step by chance.
    static func next(_ random: inout SeededRandom) -> SimAction {
        var ticket = Int.random(in: 0..<total, using: &random)
        for (weight, make) in weights {
            ticket -= weight
            if ticket < 0 { return make(&random) }
        }
        return .snapshot
    }
}
