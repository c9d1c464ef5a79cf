import TestSupport

/// One step of a simulated history. The fate of every message is a step of its own.
enum SimAction {
    case advance(Int64)
    case call(Int, Int64)
    /// A call whose process was frozen between reading the clock and spending, for this long.
    case frozenCall(Int, Int64, Int64)
    case record(Int, Int64)
    case decide(Int, Int64, isAnswered: Bool)
    case refund(Int, Int64, isAnswered: Bool)
    case reserve(Int, Int64)
    case commit(Int, Int64)
    case hold(Int, Int64)
    case letGo(Int)
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

    /// Where the weights of the faults begin: what stands before it happens in every history.
    private static let firstFault = 6
    private static let weights: [(Int, @Sendable (inout SeededRandom) -> SimAction)] = [
        (100, { .advance([60_000, 375_000, 1_000_000, 2_500_000].randomElement(using: &$0) ?? 0) }),
        (300, { .call(holder(&$0), .random(in: 1...4, using: &$0)) }),
        (80, { .sync(holder(&$0), [0, 4, 12, 20].randomElement(using: &$0) ?? 0) }),
        (200, { .roundTrip(holder(&$0), [4, 12, 20].randomElement(using: &$0) ?? 0) }),
        (220, { .deliver(.random(in: 0...0xffff, using: &$0)) }),
        (20, { .resume(holder(&$0)) }),
        (20, { .record(holder(&$0), .random(in: 1...4, using: &$0)) }),
        (10, { .decide(holder(&$0), .random(in: 1...3, using: &$0), isAnswered: .random(using: &$0)) }),
        (15, { .refund(holder(&$0), .random(in: 1...6, using: &$0), isAnswered: .random(using: &$0)) }),
        (10, { .frozenCall(holder(&$0), .random(in: 1...3, using: &$0), .random(in: 0...2_000_000, using: &$0)) }),
        (20, { .reserve(holder(&$0), .random(in: 1...4, using: &$0)) }),
        (30, { .hold(holder(&$0), .random(in: 1...3, using: &$0)) }),
        (15, { .letGo(.random(in: 0...7, using: &$0)) }),
        (10, { .commit(.random(in: 0...7, using: &$0), .random(in: 0...4, using: &$0)) }),
        (20, { .giveBack(holder(&$0)) }),
        (20, { .kill(holder(&$0), .random(in: 0...3, using: &$0)) }),
        (30, { .restart(holder(&$0)) }),
        (10, { .loseLedger(holder(&$0)) }),
        (30, { .pause(holder(&$0)) }),
        (10, { .jump(holder(&$0), [300_000, 7_000_000].randomElement(using: &$0) ?? 0) }),
        (30, { .recycle(holder(&$0)) }),
        (30, { .repeatMessage(.random(in: 0...0xffff, using: &$0)) }),
        (40, { .drop(.random(in: 0...0xffff, using: &$0)) }),
        (30, { _ in .snapshot }),
        (20, { .rollback(.random(in: 0...0xffff, using: &$0)) }),
        (5, { _ in .flushAll }),
        (10, { .stepRedis([-60_000_000, 8_000_000, 60_000_000].randomElement(using: &$0) ?? 0) }),
        (15, { .limit([16, 24, 32, 40].randomElement(using: &$0) ?? 24) }),
    ]

    private static func holder(_ random: inout SeededRandom) -> Int { .random(in: 0...2, using: &random) }

    /// Which kinds of steps a history has: all that are no faults, and about half of the others. A history with few
    /// kinds of faults goes deeper into each.
    static func kinds(_ random: inout SeededRandom) -> [Int] {
        weights.indices.filter { $0 < firstFault || Bool.random(using: &random) }
    }

    /// A step of these kinds by chance.
    static func next(_ random: inout SeededRandom, of kinds: [Int]) -> SimAction {
        var ticket = Int.random(in: 0..<kinds.reduce(0) { $0 + weights[$1].0 }, using: &random)
        for kind in kinds {
            ticket -= weights[kind].0
            if ticket < 0 { return weights[kind].1(&random) }
        }
        return .snapshot
    }
}
