/// One call of the script that decides, as the gate would make it.
struct ScriptCall {
    struct Item {
        let meter: ModelMeter
        let n: Int64
        let limit: Int64
        /// The largest total ever allowed, -1 for none; a rate's burst.
        let bound: Int64
        /// 0 hard, 1 overage, 2 shadow, 3 not in the plan.
        let mode: UInt8
        /// Cells of a rate that are wanted in advance, and that are given back, granted when at the earliest.
        var wanted: Int64 = 0
        var returned: Int64 = 0
        var returnedFrom: Int64 = 0
    }

    /// Who asks.
    var holder = "h1"
    let tenant: ModelTenant
    let command: Character
    let items: [Item]
    /// Whether it comes after the instant it was to be decided by.
    let isLate: Bool
    /// The version of the record that the caller knows.
    let version: String
    /// The refusal of the whole call, 0 for none.
    let refusal: UInt8
    let idempotencyKey: String?
    /// Whether it is made in the script's short form.
    var isShort = false
    /// Whether it is made so for a record that is known to be current while no record at all has changed.
    var isKnownCurrent = false

    /// Whether the gate may make it in the short form.
    var mayBeShort: Bool {
        guard items.count == 1, items[0].meter.kind == .counter, !tenant.isStranger, idempotencyKey == nil,
            refusal == 0, items[0].n > 0, items[0].mode < 2
        else { return false }
        return command == "R" || (command == "T" && (items[0].bound < 0 || items[0].n <= items[0].bound))
    }

    var meaning: String {
        "\(command) " + items.map { "\($0.meter.name) \($0.n)" }.joined(separator: " ")
    }
    var isAlwaysCounted: Bool { command == "R" || command == "L" }
    /// Whether it counts what holders may know more of than Redis.
    var needsLife: Bool { (command == "T" || command == "R") && items.contains { $0.meter.kind == .counter } }
}

/// A meter of the model; its numbers are those of the script.
struct ModelMeter: Hashable {
    enum Kind: UInt8 {
        case counter = 1
        case rate, level
    }

    let name: String
    let kind: Kind
    /// The time of one cell of a rate, in microseconds.
    var interval: Int64 = 0
    var isBilled = false
}

/// A tenant of the model; one without a record is a stranger.
struct ModelTenant: Hashable {
    let name: String
    let version: String
    var isStranger: Bool { version.isEmpty }
}
