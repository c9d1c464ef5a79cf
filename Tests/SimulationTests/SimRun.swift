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

    /// A history that is run alone prints its steps.
    private static let isTraced = ProcessInfo.processInfo.environment["SIM_SEED"] != nil

    /// What the history broke; nil if nothing.
    func run(onEnd: (SimWorld) -> Void = { _ in }) -> SimFailure? {
        var random = SeededRandom(seed: seed)
        var world = SimWorld(seed: seed, rules: rules)
        do {
            let kinds = SimAction.kinds(&random)
            for _ in 0..<Self.steps {
                let action = SimAction.next(&random, of: kinds)
                if Self.isTraced { print("\(action)  \(world.glance)") }
                try world.perform(action)
            }
            try world.finish()
        } catch {
            return error
        }
        onEnd(world)
        return nil
    }
}
