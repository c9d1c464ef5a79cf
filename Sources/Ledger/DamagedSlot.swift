/// A slot that is neither free nor can be true, as a ``LedgerReader`` found it.
public struct DamagedSlot: Sendable, Equatable {
    /// The slot's number.
    public let slot: Int
    /// The byte of the file that it begins at.
    public let offset: Int
    /// What about it cannot be.
    public let reason: String
}
