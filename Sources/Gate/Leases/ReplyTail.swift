/// What an allowed decision about a lease ends with, behind the digits of `used`: the limit, no wait, no reservation.
/// Made once for each terms, in both versions of the protocol. Owned by its lease.
struct ReplyTail {
    private let two: UnsafeMutableRawBufferPointer
    private let three: UnsafeMutableRawBufferPointer

    init(limit: Int64) {
        two = Self.copy("\r\n:\(limit)\r\n:0\r\n$0\r\n\r\n")
        three = Self.copy(
            "\r\n$5\r\nlimit\r\n:\(limit)\r\n$14\r\nretry_after_ms\r\n:0\r\n$11\r\nreservation\r\n$0\r\n\r\n")
    }

    subscript(isThree: Bool) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(isThree ? three : two) }

    func deallocate() {
        two.deallocate()
        three.deallocate()
    }

    static func copy(_ text: String) -> UnsafeMutableRawBufferPointer {
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: text.utf8.count, alignment: 1)
        bytes.copyBytes(from: text.utf8)
        return bytes
    }
}
