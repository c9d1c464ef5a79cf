import Foundation
import TestSupport

/// One history: a world, and steps by chance.
struct SimRun {
    static let steps = 160

    let seed: UInt64
    var rules = Rules.all

    /// `SIM_SEED` names one seed; else as many as `SIM_SEEDS` says, 2,000 if it says nothing.
    static var seeds: Range<UInt64> {
        let environment = ProcessInfo.processInfo.environment
        if let seed = environment["SIM_SEED"].flatMap({ UInt64($0) }) { return seed..<(seed + 1) }
        return 0..<(environment["SIM_SEEDS"].flatMap { UInt64($0) } ?? 2_000)
    }

    /// What the history broke; nil if nothing.
    func run(onEnd: (SimWorld) -> Void = { _ in }) -> SimFailure? {
        var random = SeededRandom(seed: seed)
        var world = SimWorld(seed: seed, rules: rules)
        do {
            for _ in 0..<Self.steps { try world.perform(.next(&random)) }
            try world.finish()
        } catch {
            return error
        }
        onEnd(world)
        return nil
    }
}
