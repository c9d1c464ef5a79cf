/// What changes in a ledger's header: where it lives, whether it is whole, and the names it has had.
struct LedgerState: Equatable {
    /// How many incarnations a ledger remembers, the current one included: four bits of a slot name one.
    static let incarnationCount = 16

    /// Raised with each change.
    var generation: UInt64 = 0
    var mark = SyncMark.open
    /// The file's own inode, by which a copy is known.
    var inode: UInt64
    var host: HostIdentity
    /// Names by their place; a word of 0 is a free place.
    private(set) var incarnations: [Incarnation]
    /// The place of the name that new slots get.
    private(set) var current = 0

    /// The state of a ledger just born.
    init(inode: UInt64, host: HostIdentity) {
        self.inode = inode
        self.host = host
        incarnations = Array(repeating: Incarnation(word: 0), count: Self.incarnationCount)
        incarnations[0] = .random()
    }

    /// Goes on under a new name, in a place that no slot refers to.
    mutating func startIncarnation(at place: Int) {
        incarnations[place] = .random()
        current = place
    }

    /// Frees the place of a former name that no slot refers to any more.
    mutating func forgetIncarnation(at place: Int) {
        precondition(place != current)
        incarnations[place] = Incarnation(word: 0)
    }

    /// Whether the place has a name.
    func hasIncarnation(at place: Int) -> Bool { incarnations[place].word != 0 }

    /// The state as one of the header's two copies.
    func sector(number: Int) -> HeaderSector {
        var sector = HeaderSector(number: number)
        sector[0] = generation
        sector[1] = mark.rawValue
        sector[2] = UInt64(current)
        sector[3] = inode
        sector[wide: 4] = host.machine
        sector[wide: 6] = host.boot
        for (index, name) in incarnations.enumerated() { sector[8 + index] = name.word }
        return sector
    }

    /// Nil for a sector that no tollgate writes.
    init?(_ sector: HeaderSector) {
        guard sector.isSealed, let mark = SyncMark(rawValue: sector[1]), sector[2] < Self.incarnationCount else {
            return nil
        }
        generation = sector[0]
        self.mark = mark
        current = Int(sector[2])
        inode = sector[3]
        host = HostIdentity(machine: sector[wide: 4], boot: sector[wide: 6])
        incarnations = (0..<Self.incarnationCount).map { Incarnation(word: sector[8 + $0]) }
        guard incarnations.allSatisfy({ $0.word == 0 || $0.isSound }), hasIncarnation(at: current) else { return nil }
    }
}
