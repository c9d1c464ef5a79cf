internal import CLinux

/// A part of the file with names: records of a head word and the name's bytes, each a whole number of 8-byte units. A
/// name's id is the unit that its record begins with; unit 0 stays unused, so that no id is 0.
///
/// The head word, from its lowest byte: how many units the record takes, how many bytes the name has (0: a hole that a
/// name may use), two bytes unused, and four of the writer's own, which mean nothing to anybody else. A head of 0 is
/// the end of the records.
struct NameRegion {
    static let unitBytes = 8

    let base: UnsafeMutableRawPointer
    let unitCount: Int
    /// The longest name in bytes.
    let longest: Int

    /// A record's head.
    struct Head {
        var word: UInt64

        init(word: UInt64) { self.word = word }

        init(units: Int, length: Int, own: UInt32) {
            word = UInt64(units) | UInt64(length) << 8 | UInt64(own) << 32
        }

        var units: Int { Int(word & 0xff) }
        var length: Int { Int(word >> 8 & 0xff) }
        /// How many slots use the name; of a hole, the next one of its size.
        var own: UInt32 {
            get { UInt32(word >> 32) }
            set { word = word & 0xffff_ffff | UInt64(newValue) << 32 }
        }
    }

    /// How many units a name of so many bytes takes.
    static func units(forLength length: Int) -> Int { 1 + (length + unitBytes - 1) / unitBytes }

    func headPointer(_ id: Int) -> UnsafeMutablePointer<UInt64> {
        (base + id * Self.unitBytes).assumingMemoryBound(to: UInt64.self)
    }

    func head(_ id: Int) -> Head { Head(word: tollgate_load_word(headPointer(id))) }

    /// Whether a head can be true: the record's name fits the record, and the record the region.
    func isSound(_ head: Head, at id: Int) -> Bool {
        head.units >= 2 && id + head.units <= unitCount && head.length <= longest
            && Self.units(forLength: head.length) <= head.units && head.units <= Self.units(forLength: longest)
    }

    /// The bytes of a name, where they lie; nil for an id that is no name's.
    func bytes(_ id: UInt32) -> UnsafeBufferPointer<UInt8>? {
        guard id > 0, Int(id) < unitCount else { return nil }
        let head = head(Int(id))
        guard head.length > 0, isSound(head, at: Int(id)) else { return nil }
        let start = (base + (Int(id) + 1) * Self.unitBytes).assumingMemoryBound(to: UInt8.self)
        return UnsafeBufferPointer(start: start, count: head.length)
    }
}
