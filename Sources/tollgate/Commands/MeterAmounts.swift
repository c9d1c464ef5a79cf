import ArgumentParser
import Metering

/// Meters and their amounts as typed: `METER [N] [METER N …]`.
struct MeterAmounts: Equatable {
    /// A meter with its amount.
    struct Item: Equatable {
        let meter: String
        let amount: Int64
    }

    /// In the order of the command line.
    let items: [Item]

    /// Takes the words apart. Whether the catalogue has the meters is the gate's to say.
    ///
    /// - Parameter missing: the amount of a meter without one; nil if each needs its own.
    init(_ words: [String], missing: Int64?) throws(ValidationError) {
        var items: [Item] = []
        var rest = words[...]
        while let meter = rest.popFirst() {
            guard Identifier.isName(meter) else { throw MeterAmounts.misplaced(meter) }
            if let word = rest.first, MeterAmounts.isNumber(word) {
                guard let amount = Int64(word) else {
                    throw ValidationError("\(word) is too much: an amount is at most \(Amount.largest)")
                }
                items.append(Item(meter: meter, amount: amount))
                rest.removeFirst()
            } else if let missing {
                items.append(Item(meter: meter, amount: missing))
            } else {
                throw ValidationError("\(meter) has no amount: write \(meter) N")
            }
        }
        self.items = items
    }

    /// As the gate's commands have them, each meter with its amount.
    var arguments: [String] { items.flatMap { [$0.meter, String($0.amount)] } }

    private static func isNumber(_ word: String) -> Bool {
        !word.isEmpty && word.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    private static func misplaced(_ word: String) -> ValidationError {
        if isNumber(word) {
            return ValidationError("\(word) stands where a meter's name belongs: write METER [N] [METER N …]")
        }
        if Identifier.reservedNames.contains(word.lowercased()) {
            return ValidationError("\(word) is no meter's name: on the command line write --\(word.lowercased())")
        }
        return ValidationError("\"\(word)\" is no meter's name: those are a-z, 0-9 and _, a letter first")
    }
}
