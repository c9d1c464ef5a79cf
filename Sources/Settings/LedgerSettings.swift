/// The ledger (`ledger.*`, `durability`): where a sidecar keeps what it may spend and what was used.
public struct LedgerSettings: Sendable, Equatable {
    /// What a call that was answered survives (`durability`).
    public enum Durability: String, Sendable, CaseIterable {
        /// The death of the process: its totals are in the page cache.
        case process
        /// A power loss too: its totals are on the disk before it is answered.
        case power
        /// The loss of the host too: Redis has its totals before it is answered.
        case redis
    }

    /// How many rows the file has (`ledger.slots`): one for each lease, and one for each hour of usage that is kept.
    public var slots: Int
    /// How long an hour is kept after Redis has it, so that a Redis restored from a backup learns it again
    /// (`ledger.retention`). A wish: when rows run short the oldest go first.
    public var retention: Duration
    /// What a call that was answered survives.
    public var durability: Durability
}
