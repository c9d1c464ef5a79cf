/// What the file says of itself after its owner is gone: whether all that the owner told anybody is on the disk.
public enum SyncMark: UInt64, Sendable {
    /// In use without syncs, or dead: whole after the death of a process, not after a power loss.
    case open = 0
    /// In use by an owner that syncs before it lets anything out: whole after a power loss too.
    case synced = 1
    /// Closed, with everything on the disk.
    case closed = 2
}
