import Foundation

/// A random number generator (SplitMix64) that repeats itself exactly for a given seed.
public struct SeededRandom: RandomNumberGenerator, Sendable {
    /// What the generator was started with.
    public let seed: UInt64
    private var state: UInt64

    /// A generator with a seed of one's own, which is printed nowhere.
    public init(seed: UInt64) {
        self.seed = seed
        state = seed
    }

    /// A generator with the seed in the environment's `TEST_SEED`, else with a new one. Prints it with `purpose`, so
    /// that a failure can be repeated.
    public init(for purpose: String) {
        let given = ProcessInfo.processInfo.environment["TEST_SEED"].flatMap { UInt64($0) }
        self.init(seed: given ?? UInt64.random(in: 0...UInt64.max))
        print("\(purpose): seed \(seed) (TEST_SEED=\(seed) repeats it)")
    }

    /// The next 64 bits.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }

    /// `count` random bytes.
    public mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
    }
}
