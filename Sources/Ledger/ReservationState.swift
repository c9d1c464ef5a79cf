/// What has become of a reservation. The word that says so stands in the slot of its first meter.
public enum ReservationState: Sendable, Equatable {
    /// It holds its units until this instant of the boot clock, in microseconds.
    case open(end: Int64)
    /// Nobody settled it in time: its units went back.
    case expired
    /// It was given back.
    case released
    /// It was settled, at this cost of the slot's meter.
    case committed(cost: Int64)

    /// Whether it still holds anything.
    public var isOpen: Bool { if case .open = self { true } else { false } }

    init(word: Int64) {
        switch word {
        case .min: self = .released
        case ..<0: self = .open(end: -word)
        case 0: self = .expired
        default: self = .committed(cost: word - 1)
        }
    }

    var word: Int64 {
        switch self {
        case .open(let end): -max(1, end)
        case .expired: 0
        case .released: .min
        case .committed(let cost): cost + 1
        }
    }
}
