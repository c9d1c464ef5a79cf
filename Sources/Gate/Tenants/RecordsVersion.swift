/// The version of all tenant records together, as Redis told it last.
///
/// While it stands no record has changed, so a decision by a record that was current need not look at it again.
struct RecordsVersion {
    /// As Redis has it; empty before any record was written.
    private(set) var version: [UInt8] = []
    /// Raised with each other version: what an entry remembers of it.
    private(set) var edition = 0

    /// Takes the version that an answer told.
    mutating func follow(_ told: UnsafeRawBufferPointer) {
        guard !told.elementsEqual(version) else { return }
        version = Array(told)
        edition += 1
    }
}
