internal import CLinux

/// A ledger file's first page: what it is (sector 0), which of two copies of its state counts (sector 1), the copies
/// (sectors 2 and 3), and zeros.
///
/// A state is written to the copy that does not count, and then one word makes it count: a kill leaves the old state or
/// the new. While a copy is being written that word says so; at all other times both copies must match their checksums,
/// so damage anywhere in the page is told from a write that a kill cut short.
struct HeaderPage {
    private static let selectorSector = 1
    private static let firstCopy = 2
    private static let wordCount = LedgerLayout.headerBytes / 8

    let page: UnsafeMutableRawPointer

    init(_ page: UnsafeMutableRawPointer) { self.page = page }

    private var selector: UnsafeMutablePointer<UInt64> { HeaderSector.pointer(Self.selectorSector, page) }

    /// Makes the page of a new file. All of it is zeros.
    func create(_ birth: LedgerBirth, _ state: LedgerState) {
        birth.write(to: page)
        for copy in 0...1 {
            var sector = state.sector(number: Self.firstCopy + copy)
            sector.seal(into: page)
        }
        select(0, isWriting: false)
    }

    /// Replaces the state. `sync` is called before the new one counts and after, so that a power loss, too, leaves one
    /// of both.
    func write<Failure: Error>(_ state: LedgerState, sync: () throws(Failure) -> Void) throws(Failure) {
        let active = Int(tollgate_load_word(selector) & 1)
        select(active, isWriting: true)
        var sector = state.sector(number: Self.firstCopy + 1 - active)
        sector.seal(into: page)
        try sync()
        select(1 - active, isWriting: false)
        try sync()
    }

    /// The state that counts.
    func readState() throws(LedgerBirth.Fault) -> LedgerState {
        let word = tollgate_load_word(selector)
        let value = word & 0xffff_ffff
        guard word >> 32 == ~value & 0xffff_ffff, value < 4 else {
            throw .damage("the word that selects its state is none that tollgate writes")
        }
        let (active, isWriting) = (Int(value & 1), value & 2 != 0)
        guard let state = LedgerState(HeaderSector(number: Self.firstCopy + active, in: page)) else {
            throw .damage("its state does not match its checksum")
        }
        guard isWriting || LedgerState(HeaderSector(number: Self.firstCopy + 1 - active, in: page)) != nil else {
            throw .damage("the copy of its former state does not match its checksum")
        }
        let words = HeaderSector.pointer(0, page)
        let selected = Self.selectorSector * HeaderSector.wordCount
        let unused = [
            (selected + 1)..<(Self.firstCopy * HeaderSector.wordCount),
            ((Self.firstCopy + 2) * HeaderSector.wordCount)..<Self.wordCount,
        ]
        guard unused.allSatisfy({ $0.allSatisfy { words[$0] == 0 } }) else {
            throw .damage("it has bytes where none belong")
        }
        return state
    }

    private func select(_ copy: Int, isWriting: Bool) {
        let value = UInt64(copy) | (isWriting ? 2 : 0)
        tollgate_store_word(selector, value | (~value & 0xffff_ffff) << 32)
    }
}
