internal import CLinux
internal import Glibc

/// The names of tenants, or of meters: each stands once in its region of the file, and is found by its bytes through an
/// index in memory.
///
/// Each name counts the slots that use it. One that none uses any more stays, and serves again if its tenant returns,
/// until `collect` makes holes of all such names. That must wait for a sync: after a power loss a slot that was let go
/// may be back as it was, and must not find another name in place of its own.
struct NameTable: ~Copyable {
    let region: NameRegion
    private let seed: HashSeed
    private var index: ProbeTable
    /// The unit after the last record.
    private var end = 1
    private var holeUnits = 0
    /// Units in names that no slot uses.
    private(set) var unusedUnits = 0
    /// The first hole of each size in units; each names the next.
    private var holes = [18 of UInt32](repeating: 0)

    init(_ region: NameRegion, seed: HashSeed) {
        self.region = region
        self.seed = seed
        index = ProbeTable(maxCount: region.unitCount / 2, maxNumber: UInt32(region.unitCount))
    }

    /// How many names there are, used or not.
    var count: Int { index.count }
    /// What names in use take.
    var usedBytes: Int { (end - 1 - holeUnits - unusedUnits) * NameRegion.unitBytes }
    var indexBytes: Int { index.byteCount }
    /// Whether little room is left at the end, and a quarter of all is in holes and unused names: written anew, the
    /// names in use would take less.
    var isFragmented: Bool {
        region.unitCount - end < region.unitCount / 16 && holeUnits + unusedUnits > region.unitCount / 4
    }

    /// Reads the region, as if no slot used any name yet. Returns the unit of a record that cannot be true.
    mutating func load() -> Int? {
        while end < region.unitCount {
            var head = region.head(end)
            if head.word == 0 { return nil }
            guard region.isSound(head, at: end) else { return end }
            if head.length == 0 {
                addHole(end, units: head.units)
            } else {
                head.own = 0
                region.headPointer(end).pointee = head.word
                unusedUnits += head.units
                enter(UInt32(end))
            }
            end += head.units
        }
        return nil
    }

    /// Whether less than a sixteenth of the region is left and `collect` would gain something beside what is left.
    var isWorthCollecting: Bool {
        let left = region.unitCount - end + holeUnits
        return left < region.unitCount / 16 && unusedUnits > 0 && unusedUnits >= left / 4
    }

    /// Whether an id is within the records that were read. After a power loss a name may be on the disk though one in
    /// front of it is not; nothing may be built on it, since the next name would be written over it.
    func isWithinRecords(_ id: UInt32) -> Bool { id < end }

    /// The id of a name, which one more slot uses from now on; nil when there is no room.
    mutating func acquire(_ name: Span<UInt8>) -> (id: UInt32, isNew: Bool)? {
        precondition(!name.isEmpty && name.count <= region.longest, "a name has 1 to \(region.longest) bytes")
        let hash = SipHash(seed, text: name).finish()
        let region = region
        if let id = index.find(low: hash.low, high: hash.high, where: { region.hasName($0, name) }) {
            retain(id)
            return (id, false)
        }
        let units = NameRegion.units(forLength: name.count)
        guard let (id, recordUnits) = place(units) else { return nil }
        let start = region.base + (id + 1) * NameRegion.unitBytes
        name.withUnsafeBytes { UnsafeMutableRawBufferPointer(start: start, count: $0.count).copyMemory(from: $0) }
        // Last: until this store the record is a hole or beyond the end, and from it on it is whole.
        let head = NameRegion.Head(units: recordUnits, length: name.count, own: 1)
        tollgate_store_word(region.headPointer(id), head.word)
        index.insert(UInt32(id), low: hash.low, high: hash.high)
        return (UInt32(id), true)
    }

    /// Notes that one more slot uses a name.
    mutating func retain(_ id: UInt32) {
        var head = region.head(Int(id))
        if head.own == 0 { unusedUnits -= head.units }
        head.own += 1
        region.headPointer(Int(id)).pointee = head.word
    }

    /// Notes that one slot fewer uses a name.
    mutating func release(_ id: UInt32) {
        var head = region.head(Int(id))
        head.own -= 1
        if head.own == 0 { unusedUnits += head.units }
        region.headPointer(Int(id)).pointee = head.word
    }

    /// Makes room of the names that no slot uses. The file must have been synced since the last slot was let go. It
    /// reads the whole region.
    mutating func collect() {
        var id = 1
        while id < end {
            let head = region.head(id)
            if head.length > 0, head.own == 0 {
                forget(UInt32(id))
                addHole(id, units: head.units)
                unusedUnits -= head.units
            }
            id += head.units
        }
    }

    /// A record of at least so many units: a hole of that size, the end of the records, or a larger hole.
    private mutating func place(_ units: Int) -> (id: Int, units: Int)? {
        guard index.count < region.unitCount / 2 else { return nil }
        if holes[units] != 0 { return (takeHole(units), units) }
        if end + units <= region.unitCount {
            let id = end
            end += units
            // The place of the next head may hold bytes of a name that a kill kept from being finished.
            if end < region.unitCount { tollgate_store_word(region.headPointer(end), 0) }
            return (id, units)
        }
        for larger in holes.indices where larger > units && holes[larger] != 0 {
            return (takeHole(larger), larger)
        }
        return nil
    }

    private mutating func addHole(_ id: Int, units: Int) {
        let head = NameRegion.Head(units: units, length: 0, own: holes[units])
        tollgate_store_word(region.headPointer(id), head.word)
        holes[units] = UInt32(id)
        holeUnits += units
    }

    private mutating func takeHole(_ units: Int) -> Int {
        let id = Int(holes[units])
        holes[units] = region.head(id).own
        holeUnits -= units
        return id
    }

    /// Puts a name that was read into the index. A second record of the same name, which a power loss may leave behind,
    /// serves the slots that have its id and is found for no new one.
    private mutating func enter(_ id: UInt32) {
        guard let bytes = region.bytes(id) else { return }
        let hash = SipHash(seed, text: bytes.span).finish()
        let region = region
        guard index.find(low: hash.low, high: hash.high, where: { region.hasName($0, bytes.span) }) == nil else {
            return
        }
        index.insert(id, low: hash.low, high: hash.high)
    }

    private mutating func forget(_ id: UInt32) {
        let (region, seed) = (region, seed)
        index.remove(id, low: Self.low(id, region, seed)) { Self.low($0, region, seed) }
    }

    private static func low(_ id: UInt32, _ region: NameRegion, _ seed: HashSeed) -> UInt64 {
        guard let bytes = region.bytes(id) else { preconditionFailure("name \(id) was lost") }
        return SipHash(seed, text: bytes.span).finish().low
    }
}

extension NameRegion {
    /// Whether a name has these bytes.
    func hasName(_ id: UInt32, _ name: Span<UInt8>) -> Bool {
        guard let bytes = bytes(id), bytes.count == name.count else { return false }
        return name.withUnsafeBytes { name in
            guard let left = name.baseAddress, let right = bytes.baseAddress else { return false }
            return memcmp(left, right, bytes.count) == 0
        }
    }
}
