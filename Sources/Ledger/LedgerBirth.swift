/// What a ledger is from its first moment on: the header's first sector, which never changes.
struct LedgerBirth: Equatable {
    /// `TGLEDGER`, the first byte lowest.
    static let magic: UInt64 = 0x5245_4744_454c_4754
    static let version: UInt64 = 1
    private static let longestHolderID = 32

    let layout: LedgerLayout
    let id: UInt128
    let seed: HashSeed
    /// Microseconds since 1970.
    let createdAt: Int64
    let holderID: String
    let loop: Int

    /// Why a first sector is none that this tollgate can use.
    enum Fault: Error {
        case magic
        case version(UInt64)
        case damage(String)
    }

    init(layout: LedgerLayout, id: UInt128, seed: HashSeed, createdAt: Int64, holderID: String, loop: Int) {
        precondition((1...Self.longestHolderID).contains(holderID.utf8.count), "a holder id has 1 to 32 bytes")
        precondition((0..<1024).contains(loop), "a loop is numbered from 0")
        self.layout = layout
        self.id = id
        self.seed = seed
        self.createdAt = createdAt
        self.holderID = holderID
        self.loop = loop
    }

    /// The same ledger with other sizes.
    func resized(to layout: LedgerLayout) -> LedgerBirth {
        LedgerBirth(layout: layout, id: id, seed: seed, createdAt: createdAt, holderID: holderID, loop: loop)
    }

    func write(to page: UnsafeMutableRawPointer) {
        var sector = HeaderSector(number: 0)
        sector[0] = Self.magic
        sector[1] = Self.version
        sector[2] = UInt64(layout.slotCount)
        sector[3] = UInt64(layout.tenantNameBytes)
        sector[4] = UInt64(LedgerLayout.meterNameBytes)
        sector[wide: 5] = id
        sector[7] = seed.low
        sector[8] = seed.high
        sector[9] = UInt64(bitPattern: createdAt)
        sector[10] = UInt64(loop)
        sector[11] = UInt64(holderID.utf8.count)
        for (index, byte) in holderID.utf8.enumerated() { sector[12 + index / 8] |= UInt64(byte) << (index % 8 * 8) }
        sector.seal(into: page)
    }

    init(readingFrom page: UnsafeMutableRawPointer) throws(Fault) {
        let sector = HeaderSector(number: 0, in: page)
        guard sector[0] == Self.magic else { throw .magic }
        guard sector[1] == Self.version else { throw .version(sector[1]) }
        guard sector.isSealed else { throw .damage("its first sector does not match its checksum") }
        guard let layout = LedgerLayout(slotCount: sector[2], tenantNameBytes: sector[3]),
            sector[4] == UInt64(LedgerLayout.meterNameBytes)
        else { throw .damage("it states sizes that no tollgate writes") }
        guard sector[11] >= 1, sector[11] <= Self.longestHolderID, sector[10] < 1024 else {
            throw .damage("it states a holder that no tollgate has")
        }
        let name = (0..<Int(sector[11])).map { UInt8(truncatingIfNeeded: sector[12 + $0 / 8] >> ($0 % 8 * 8)) }
        self.init(
            layout: layout, id: sector[wide: 5], seed: HashSeed(low: sector[7], high: sector[8]),
            createdAt: Int64(bitPattern: sector[9]), holderID: String(decoding: name, as: UTF8.self),
            loop: Int(sector[10]))
    }
}
