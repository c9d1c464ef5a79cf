/// The yes-or-no state of a ``Lease``, in one word.
struct LeaseFlags: OptionSet, Sendable {
    let rawValue: Int64

    /// A sync was sent and not answered.
    static let inFlight = LeaseFlags(rawValue: 1)
    /// Redis must hear the totals again, whatever it acknowledged.
    static let dirty = LeaseFlags(rawValue: 2)
    /// Others wait.
    static let recalled = LeaseFlags(rawValue: 4)
}
