/// Bytes prepared once and written many times.
extension OutputBuffer {
    /// Appends the unread bytes of `chunk`, which is whatever its owner wrote into it: whole replies, or a part of a
    /// command whose other parts surround it.
    public mutating func append(chunk: borrowing OutputBuffer) {
        chunk.withReadable { append(bytes: $0) }
    }

    /// Appends `count` bytes, 0 or more, which `body` writes: for callers that have a faster way to copy than byte by
    /// byte. It must write them all.
    public mutating func append(count: Int, _ body: (inout MutableSpan<UInt8>) -> Void) {
        reserve(count)
        let start = end
        var output = storage.mutableSpan
        var room = output._mutatingExtracting(start..<(start + count))
        body(&room)
        end = start + count
    }
}
