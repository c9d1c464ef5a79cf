/// What a holder knows of a partition of Redis: which life it is in, and whether that life still learns.
///
/// A Redis that lost its memory is told everything again before it grants anything: on a new life the caller marks all
/// its totals of the partition as unsent, and says `isResendComplete` in the first sync after which none is.
public struct StoreView: Sendable, Equatable {
    /// The life that the last reply came from; nil before the first.
    public private(set) var life: StoreLife?
    /// Whether Redis grants nothing because holders are still telling it what they know.
    public private(set) var isLearning = true
    /// When the sync that told of this life was sent, on the holder's boot clock.
    private var heardAt = Int64.min

    /// A view that knows nothing yet.
    public init() {}

    /// Takes the head of a reply to the sync sent at `sentAt`.
    ///
    /// A reply that was overtaken by a younger one says nothing about now.
    public mutating func receive(_ reply: SyncReply, sentAt: Int64) -> StoreNews {
        guard sentAt >= heardAt else { return reply.life == life ? .nothing : .stale }
        heardAt = sentAt
        isLearning = reply.isLearning
        guard reply.life != life else { return .nothing }
        life = reply.life
        return .newLife
    }
}
