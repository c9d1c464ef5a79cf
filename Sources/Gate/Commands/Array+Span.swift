extension Array where Element == UInt8 {
    /// A copy of bytes in a client's request.
    init(copying span: Span<UInt8>) {
        self.init(capacity: span.count) { output in
            for index in span.indices { output.append(span[index]) }
        }
    }
}
