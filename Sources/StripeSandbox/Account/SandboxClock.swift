import FoundationEssentials

/// The time the account lives in: the machine's clock plus what `/_sandbox/clock` added. It runs on by itself.
struct SandboxClock: Sendable {
    /// Seconds since 1970 by the machine.
    let machineSeconds: @Sendable () -> Double

    static let system = SandboxClock { Date().timeIntervalSince1970 }

    /// Times past this are refused by `/_sandbox/clock`: the first second of the year 2200.
    static let latest = 7_258_118_400

    func now(offset: Int) -> Int { Int(machineSeconds()) + offset }
}
