import ArgumentParser
import FoundationEssentials

/// A time as typed: RFC 3339, a day, or how far from now it is (`90s`, `15m`, `2h`, `30d`).
enum Moment: Equatable, Sendable, ExpressibleByArgument {
    case instant(Timestamp)
    /// In milliseconds.
    case distance(Int64)

    private static let units: [Character: Int64] = ["s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000]

    init?(argument: String) {
        if let instant = Timestamp(argument) {
            self = .instant(instant)
            return
        }
        guard let unit = argument.last.flatMap({ Moment.units[$0] }), argument.first != "-", argument.first != "+",
            let number = Int64(argument.dropLast()), number > 0
        else { return nil }
        let (distance, isTooLarge) = number.multipliedReportingOverflow(by: unit)
        // A century.
        guard !isTooLarge, distance <= 36_525 * 86_400_000 else { return nil }
        self = .distance(distance)
    }

    /// The time this long ago.
    func before(_ now: Timestamp = .now) -> Timestamp {
        switch self {
        case .instant(let instant): instant
        case .distance(let distance): Timestamp(milliseconds: max(0, now.milliseconds - distance))
        }
    }

    /// The time this far ahead, at a whole second: no earlier than was asked for.
    func after(_ now: Timestamp = .now) -> Timestamp {
        switch self {
        case .instant(let instant): instant
        case .distance(let distance): Timestamp(seconds: (now.milliseconds + distance + 999) / 1000)
        }
    }
}

extension Timestamp {
    /// By this host's clock.
    static var now: Timestamp { Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)) }
}
