/// Random misbehaviour for soak tests: of so many requests in a hundred each is struck by one of the kinds. The same
/// seed and the same order of requests make the same faults.
struct Chaos: Sendable {
    let seed: UInt64
    let percent: Int
    let kinds: [Fault.Kind]
    /// Longest delay of a slow request, in milliseconds.
    let delayMilliseconds: Int
    private var random: SplitMix
    private var struck: [String: Int] = [:]

    /// `{"seed", "percent", "kinds", "delay_ms"}`; all kinds when none is named.
    init(_ json: JSONValue) throws(ControlError) {
        let input = try ControlInput(json, allowing: ["seed", "percent", "kinds", "delay_ms"])
        let seed = try input.integer("seed", default: 1, in: 0...Int(Int32.max))
        percent = try input.integer("percent", default: 0, in: 0...100)
        delayMilliseconds = try input.integer("delay_ms", default: 100, in: 0...Fault.maximumDelay)
        var kinds: [Fault.Kind] = []
        for item in try input.list("kinds") {
            guard let name = item.text else { throw ControlError("kinds must be a list of texts") }
            kinds.append(try Fault.kind(name))
        }
        self.kinds = kinds.isEmpty ? Fault.Kind.allCases : kinds
        self.seed = UInt64(seed)
        random = SplitMix(state: self.seed)
    }

    /// The fault that strikes the next request, if one does.
    mutating func strike() -> Fault? {
        guard Int.random(in: 0..<100, using: &random) < percent, let kind = kinds.randomElement(using: &random) else {
            return nil
        }
        struck[kind.rawValue, default: 0] += 1
        let reason = RateLimitReason.allCases.randomElement(using: &random) ?? .globalRate
        let isSlow = kind == .slow || kind == .slowAnswer
        return Fault(
            kind: kind, reason: reason,
            delayMilliseconds: isSlow ? Int.random(in: 0...delayMilliseconds, using: &random) : 0)
    }

    /// What it does, and how often it has struck.
    var body: JSONValue {
        .object([
            "seed": .integer(Int(seed)), "percent": .integer(percent),
            "kinds": .list(kinds.map { .text($0.rawValue) }), "delay_ms": .integer(delayMilliseconds),
            "struck": .object(struck.mapValues { .integer($0) }),
        ])
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): small, and the same on every machine.
private struct SplitMix: RandomNumberGenerator, Sendable {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
