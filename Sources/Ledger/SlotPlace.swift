/// What a slot is about, apart from the names of tenant and meter.
public struct SlotPlace: Sendable, Equatable, Hashable {
    /// Lease, usage, what Redis decided, or a reservation.
    public let kind: SlotKind
    /// When the period starts, in minutes since 1970.
    public let periodStart: UInt32
    /// The hour, in hours since 1970; 0 for a lease.
    public let hour: UInt32

    /// Hours stay below this: the year 3883.
    static let hourLimit: UInt32 = 1 << 24

    /// The lease of a period.
    public static func lease(periodStart: UInt32) -> SlotPlace {
        SlotPlace(kind: .lease, periodStart: periodStart, hour: 0)
    }

    /// One hour of a period, before the year 3883.
    public static func usage(periodStart: UInt32, hour: UInt32) -> SlotPlace {
        precondition(hour < hourLimit, "no hour of this calendar")
        return SlotPlace(kind: .usage, periodStart: periodStart, hour: hour)
    }

    /// What Redis decided in one hour of a period, before the year 3883.
    public static func decided(periodStart: UInt32, hour: UInt32) -> SlotPlace {
        precondition(hour < hourLimit, "no hour of this calendar")
        return SlotPlace(kind: .decided, periodStart: periodStart, hour: hour)
    }

    /// A reservation made in one hour of a period, before the year 3883. It has an identity of its own.
    public static func reservation(periodStart: UInt32, hour: UInt32) -> SlotPlace {
        precondition(hour < hourLimit, "no hour of this calendar")
        return SlotPlace(kind: .reservation, periodStart: periodStart, hour: hour)
    }

    /// All of it, in the 64 bits that the identity is made from.
    var word: UInt64 { UInt64(periodStart) << 32 | UInt64(hour) << 8 | UInt64(kind.rawValue) }
}
