/// The identity of a reservation's slot: its number, and which of its meters the slot is for.
///
/// A slot is found by the reservation's number alone, so the identity is made of that and not of the names. The lower
/// half is the upper one, scattered by a bijection, since numbers follow each other and the index wants chance.
public struct ReservationKey: Sendable, Equatable {
    /// How many meters a reservation can have.
    public static let maxItems = 16
    /// Numbers have 60 bits.
    public static let numberLimit: UInt64 = 1 << 60

    /// The reservation.
    public let number: UInt64
    /// The place of the meter in it, from 0.
    public let item: Int

    /// The slot of one of a reservation's meters.
    public init(number: UInt64, item: Int) {
        precondition(number < Self.numberLimit && (0..<Self.maxItems).contains(item), "no reservation has this")
        self.number = number
        self.item = item
    }

    /// Nil for what is the identity of no reservation.
    init?(_ key: SlotKey) {
        guard key.low == Self.scatter(key.high) else { return nil }
        number = key.high >> 4
        item = Int(key.high & 15)
    }

    var slotKey: SlotKey {
        let high = number << 4 | UInt64(item)
        return SlotKey(low: Self.scatter(high), high: high)
    }

    /// The finaliser of SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
    private static func scatter(_ word: UInt64) -> UInt64 {
        var word = word &+ 0x9e37_79b9_7f4a_7c15
        word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
        return word ^ (word >> 31)
    }
}
