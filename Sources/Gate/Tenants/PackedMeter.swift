internal import RESP

/// What the script is told of a meter, in the layout that `spend.lua` states. Doubles hold every number exactly: none
/// passes 2^53.
struct PackedMeter {
    static let notInPlan: UInt8 = 3

    var limit: Int64
    var bound: Int64 = -1
    var edge: Int64 = 0
    var usageUntil: Int64 = 0
    var dayUntil: Int64 = 0
    var kind: UInt8
    var mode: UInt8
    /// At most 255 bytes.
    var field = ""
    var member = ""

    init(limit: Int64, mode: UInt8, kind: UInt8) {
        self.limit = limit
        self.mode = mode
        self.kind = kind
    }

    /// As one argument of a command.
    var encoded: OutputBuffer {
        var bytes: [UInt8] = []
        for number in [limit, bound, edge, usageUntil, dayUntil] { bytes.append(packing: number) }
        bytes += [kind, mode, UInt8(field.utf8.count)]
        bytes += field.utf8
        bytes += member.utf8
        var output = OutputBuffer()
        output.appendArgument(bytes.span)
        return output
    }
}

extension Array where Element == UInt8 {
    /// Appends a number as a little-endian double, which is how the script unpacks it.
    mutating func append(packing number: Int64) {
        let bits = Double(number).bitPattern
        for shift in stride(from: 0, to: 64, by: 8) { append(UInt8(truncatingIfNeeded: bits >> UInt64(shift))) }
    }
}
