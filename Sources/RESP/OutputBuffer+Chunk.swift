/// Bytes prepared once and written many times.
extension OutputBuffer {
    /// Appends the unread bytes of `chunk`, which is whatever its owner wrote into it: whole replies, or a part of a
    /// command whose other parts surround it.
    public mutating func append(chunk: borrowing OutputBuffer) {
        chunk.withReadable { append(bytes: $0) }
    }
}
