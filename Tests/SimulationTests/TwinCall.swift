import TestSupport

/// What all parts of one call of the script have in common.
struct TwinCall {
    let holder: String
    let run: String
    let notAfter: Int64
    let sentAt: Int64
}

/// Calls by chance, one after the other: of three holders, now and then late, overtaken, or of another run of Redis.
struct TwinCalls {
    var random: SeededRandom
    private var run = "run1"
    private var clock: Int64 = 0

    init(random: SeededRandom) { self.random = random }

    mutating func next() -> TwinCall {
        if chance(50) { run = "run\(Int.random(in: 1...3, using: &random))" }
        clock += .random(in: -100...1000, using: &random)
        return TwinCall(
            holder: "h\(Int.random(in: 0...2, using: &random))", run: run,
            notAfter: chance(15) ? 1 : 9_000_000_000_000_000, sentAt: clock)
    }

    /// How much later the next call comes by Redis's clock.
    mutating func pause() -> Int64 {
        switch Int.random(in: 0..<40, using: &random) {
        case 0: -60_000_000
        case 1: 60_000_000
        case 2...3: 7_000_000
        default: .random(in: 1...900_000, using: &random)
        }
    }

    /// Which partitions a call is for: of three, some in any order.
    mutating func partitions() -> [Int] {
        Array([0, 1, 2].shuffled(using: &random).prefix(.random(in: 1...3, using: &random)))
    }

    private mutating func chance(_ oneIn: Int) -> Bool { Int.random(in: 0..<oneIn, using: &random) == 0 }
}
