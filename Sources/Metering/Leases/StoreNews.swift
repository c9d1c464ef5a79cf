/// What the head of a reply means for a partition as a whole.
public enum StoreNews: Sendable, Equatable {
    /// The life is the one that was known → nothing to do.
    case nothing
    /// Redis forgot, or was never asked before → every total of the partition is unsent from here on.
    case newLife
    /// The reply comes from a life that is over → its totals are facts, but they acknowledge nothing.
    case stale
}
