/// Bytes on their way out of one connection: appended at the end, read and removed at the front.
///
/// The connection owns it and touches it on its loop's thread. Bounding its ``count`` is the owner's part, since only
/// the owner can stop reading requests. Once it has grown to the connection's largest output it no longer allocates.
public struct OutputBuffer: Sendable {
    /// A buffer that grew past this, in bytes, gives its memory back on ``reset()``.
    static let keptCapacity = 64 * 1024
    /// Below this many removed bytes, moving the rest to the front is not worth it.
    private static let minCompactedBytes = 4096

    var bytes: [UInt8] = []
    private var readMark = 0

    /// An empty buffer, which has allocated nothing.
    public init() {}

    /// The bytes not yet removed.
    public var count: Int { bytes.count - readMark }

    /// Whether nothing is left to send.
    public var isEmpty: Bool { count == 0 }

    /// The bytes that fit without another allocation, those already removed included.
    public var capacity: Int { bytes.capacity }

    /// Calls `body` with the bytes not yet removed.
    public func withReadable<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
        body(bytes.span.extracting(readMark...))
    }

    /// Removes the first `removed` unread bytes, 0 … ``count``. The cost is constant on average, and an emptied buffer
    /// keeps its memory.
    public mutating func removeFirst(_ removed: Int) {
        precondition(removed >= 0 && removed <= count, "more bytes removed than there are")
        readMark += removed
        if readMark == bytes.count {
            bytes.removeAll(keepingCapacity: true)
            readMark = 0
        } else if readMark >= Self.minCompactedBytes, readMark >= count {
            // What moves is no more than what was removed since the last move.
            bytes.removeSubrange(..<readMark)
            readMark = 0
        }
    }

    /// Drops everything, and the memory as well if it is more than 64 KiB.
    public mutating func reset() {
        readMark = 0
        if bytes.capacity > Self.keptCapacity {
            bytes = []
        } else {
            bytes.removeAll(keepingCapacity: true)
        }
    }
}
