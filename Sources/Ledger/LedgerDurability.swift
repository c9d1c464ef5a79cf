/// What a ledger's totals survive.
public enum LedgerDurability: Sendable, Equatable {
    /// The death of the process: they are in the page cache. A power loss takes what was not written back yet.
    case process
    /// A power loss too: the owner calls `sync()` in each turn of its loop, before it lets anything of that turn out to
    /// clients or to Redis.
    case power
}
