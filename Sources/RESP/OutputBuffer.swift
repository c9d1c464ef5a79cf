/// Bytes on their way out of one connection: appended at the end, read and removed at the front.
///
/// The connection owns it and touches it on its loop's thread. Bounding its ``count`` is the owner's part, since only
/// the owner can stop reading requests. Once it has grown to the connection's largest output it no longer allocates.
public struct OutputBuffer: Sendable {
    /// A buffer that grew past this, in bytes, gives its memory back on ``reset()``.
    static let keptCapacity = 64 * 1024
    /// What the first byte allocates.
    private static let firstCapacity = 512
    /// Below this many removed bytes, moving the rest to the front is not worth it.
    private static let minCompactedBytes = 4096

    /// What counts is from `readMark` to `end`; the rest is room. Writing into bytes that exist already
    /// spares the check of owner and room that appending to an array makes for each byte.
    var storage: [UInt8] = []
    /// Where the next byte goes.
    var end = 0
    private var readMark = 0

    /// An empty buffer, which has allocated nothing.
    public init() {}

    /// The bytes not yet removed.
    public var count: Int { end - readMark }

    /// Whether nothing is left to send.
    public var isEmpty: Bool { count == 0 }

    /// The bytes that fit without another allocation, those already removed included.
    public var capacity: Int { storage.capacity }

    /// Calls `body` with the bytes not yet removed.
    public func withReadable<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
        body(storage.span.extracting(readMark..<end))
    }

    /// Removes the first `removed` unread bytes, 0 … ``count``. The cost is constant on average, and an emptied buffer
    /// keeps its memory.
    public mutating func removeFirst(_ removed: Int) {
        precondition(removed >= 0 && removed <= count, "more bytes removed than there are")
        readMark += removed
        if readMark == end {
            readMark = 0
            end = 0
        } else if readMark >= Self.minCompactedBytes, readMark >= count {
            // What moves is no more than what was removed since the last move.
            storage.removeSubrange(..<readMark)
            end -= readMark
            readMark = 0
        }
    }

    /// Drops everything, and the memory as well if it is more than 64 KiB.
    public mutating func reset() {
        readMark = 0
        end = 0
        if storage.capacity > Self.keptCapacity { storage = [] }
    }

    /// Makes room for `added` bytes behind `end`.
    mutating func reserve(_ added: Int) {
        if added > storage.count - end { grow(by: added) }
    }

    private mutating func grow(by added: Int) {
        let grown = max(added, storage.count, Self.firstCapacity)
        storage.append(contentsOf: repeatElement(0, count: grown))
    }
}
