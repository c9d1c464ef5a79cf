/// What the gate decides and counts.
extension CommandTable {
    private static let tenant = CommandArgument.string("tenant")
    private static let meter = CommandArgument.string("meter")
    private static let amount = CommandArgument.integer("n")
    private static let pair = CommandArgument.block("meter_n", meter, amount)
    private static let key = CommandArgument.string("key", token: "ID").optional
    private static let reservation = CommandArgument.string("reservation")

    static let gate: [CommandDescription] = [
        CommandDescription(
            "check", .gate, [.readonly, .fast], "Would this be allowed now? Consumes nothing",
            [tenant, meter, amount.optional, pair.repeated.optional], errors: ["BADARG", "NOMETER"]),
        CommandDescription(
            "take", .gate, [.write, .fast], "Check and consume, all meters or none",
            [tenant, meter, amount.optional, pair.repeated.optional, key], errors: ["BADARG", "NOMETER", "STORE"]),
        CommandDescription(
            "reserve", .gate, [.write, .fast], "Take an estimate now, to be settled by COMMIT or RELEASE",
            [tenant, pair.repeated, .integer("ms", token: "TTL").optional],
            errors: ["BADARG", "NOMETER", "BUSY", "STORE"]),
        CommandDescription(
            "commit", .gate, [.write, .fast], "Settle a reservation at its true cost: less, equal or more",
            [reservation, pair.repeated.optional], errors: ["BADARG", "NOMETER", "NORESERVATION", "STORE"]),
        CommandDescription(
            "release", .gate, [.write, .fast], "Give all of a reservation back", [reservation],
            errors: ["BADARG", "NORESERVATION", "STORE"]),
        CommandDescription(
            "extend", .gate, [.write, .fast], "Keep a reservation for so many milliseconds from now",
            [reservation, .integer("ms")], errors: ["BADARG", "NORESERVATION", "STORE"]),
        CommandDescription(
            "record", .gate, [.write, .fast], "Usage after the fact: always counted, never refused by a limit",
            [tenant, pair.repeated, key, .unixTime("unix-ms", token: "AT").optional],
            errors: ["BADARG", "NOMETER", "NOTENANT", "STORE"]),
        CommandDescription(
            "refund", .gate, [.write], "Give usage back, never below zero for the period",
            [tenant, pair.repeated, key], errors: ["BADARG", "NOMETER", "NOTENANT", "STORE"]),
        CommandDescription(
            "level", .gate, [.write], "Set a level (storage bytes, seats): always stored",
            [tenant, meter, .integer("value")], errors: ["BADARG", "NOMETER", "NOTENANT", "STORE"]),
        CommandDescription(
            "feature", .gate, [.readonly, .fast], "Is a feature in the tenant's plan?", [tenant, .string("feature")],
            errors: ["BADARG"]),
        CommandDescription(
            "usage", .gate, [.readonly], "Used, limit, percent and period of each meter",
            [tenant, meter.repeated.optional], errors: ["BADARG", "NOMETER", "NOTENANT", "STORE"]),
        CommandDescription(
            "explain", .gate, [.readonly], "Why calls are answered as they are: plan, limits, leases, the last refusal",
            [tenant, meter.optional], errors: ["BADARG", "NOMETER", "STORE"]),
    ]
}
