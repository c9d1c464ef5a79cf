internal import Metering

/// What the script is told of a meter behind `n`, in the layout that `spend.lua` states. Doubles hold every number
/// exactly: none passes 2^53.
struct PackedMeter {
    static let notInPlan: UInt8 = 3
    /// Where the mode stands in `encoded`, and the hour, from which on both forms of a call are alike.
    static let modeOffset = 1
    static let hourOffset = 18

    var kind: UInt8
    var mode: UInt8
    var limit: Int64
    var bound: Int64 = -1
    /// The hour that is counted in, since 1970; 0 for what is no counter.
    var hour: Int64 = 0
    /// At most 255 bytes.
    var field = ""
    /// At most 255 bytes: seven digits, a meter's name and a tenant's id are 201.
    var member = ""
    var edge: Int64 = 0
    var usageUntil: Int64 = 0
    var dayUntil: Int64 = 0

    /// Writes what is said of a rate's cells over numbers that only counters have, into the meter packed at `start`,
    /// which is the last.
    static func write(_ ask: RateAsk, into bytes: inout [UInt8], at start: Int) {
        let places = [start + hourOffset, bytes.count - 16, bytes.count - 8]
        for (place, number) in zip(places, [ask.returnedFrom, ask.wanted, ask.returned]) {
            var packed: [UInt8] = []
            packed.append(packing: number)
            bytes.replaceSubrange(place..<(place + packed.count), with: packed)
        }
    }

    init(limit: Int64, mode: UInt8, kind: UInt8) {
        self.limit = limit
        self.mode = mode
        self.kind = kind
    }

    var encoded: [UInt8] {
        var bytes = [kind, mode]
        bytes.append(packing: bound)
        bytes.append(packing: limit)
        bytes.append(packing: hour)
        bytes.append(packingText: Array(field.utf8))
        bytes.append(packingText: Array(member.utf8))
        for number in [edge, usageUntil, dayUntil] { bytes.append(packing: number) }
        return bytes
    }
}

extension Array where Element == UInt8 {
    /// Appends a number as a little-endian double, which is how the script unpacks it.
    mutating func append(packing number: Int64) {
        Swift.withUnsafeBytes(of: Double(number).bitPattern.littleEndian) { append(contentsOf: $0) }
    }

    /// Appends a number of 16 bits, low byte first.
    mutating func append(packingShort number: Int) {
        append(UInt8(truncatingIfNeeded: number))
        append(UInt8(truncatingIfNeeded: number >> 8))
    }

    /// Appends a length byte and the text, at most 255 bytes.
    mutating func append(packingText text: [UInt8]) {
        append(UInt8(text.count))
        append(contentsOf: text)
    }

    /// The same for text that is not in bytes yet.
    mutating func append(packingText text: String) {
        append(UInt8(text.utf8.count))
        append(contentsOf: text.utf8)
    }

    /// Appends a length byte and the number's digits.
    mutating func append(packingDigitsOf number: Int64) {
        if (0...9).contains(number) {
            append(1)
            append(UInt8(ascii: "0") + UInt8(number))
        } else {
            append(packingText: Array(String(number).utf8))
        }
    }
}
