/// Bytes prepared once and written many times.
extension OutputBuffer {
    /// Appends the unread bytes of `chunk`, which is whatever its owner wrote into it: whole replies, or a part of a
    /// command whose other parts surround it.
    public mutating func append(chunk: borrowing OutputBuffer) {
        chunk.withReadable { append(bytes: $0) }
    }

    /// Appends a part of `chunk`; `range` counts from its first unread byte and lies within its ``count``.
    public mutating func append(chunk: borrowing OutputBuffer, _ range: Range<Int>) {
        chunk.withReadable { append(bytes: $0.extracting(range)) }
    }
}
