/// What an allowed decision ends with, behind the digits of `used`: the limit, no wait, no reservation. Made once for
/// each limit, in both versions of the protocol, and shared by the leases that have it.
final class ReplyTail {
    let two: UnsafeMutableRawBufferPointer
    let three: UnsafeMutableRawBufferPointer

    init(limit: Int64) {
        two = Self.copy("\r\n:\(limit)\r\n:0\r\n$0\r\n\r\n")
        three = Self.copy(
            "\r\n$5\r\nlimit\r\n:\(limit)\r\n$14\r\nretry_after_ms\r\n:0\r\n$11\r\nreservation\r\n$0\r\n\r\n")
    }

    deinit {
        two.deallocate()
        three.deallocate()
    }

    static func copy(_ text: String) -> UnsafeMutableRawBufferPointer {
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: text.utf8.count, alignment: 1)
        bytes.copyBytes(from: text.utf8)
        return bytes
    }
}

/// The tails in use, by their limits.
struct ReplyTails {
    /// Tenants may have limits of their own; past this many different ones all are made anew as they are needed.
    private static let capacity = 4096

    private var tails: [Int64: ReplyTail] = [:]

    mutating func tail(_ limit: Int64) -> ReplyTail {
        if let tail = tails[limit] { return tail }
        if tails.count >= Self.capacity { tails.removeAll() }
        let tail = ReplyTail(limit: limit)
        tails[limit] = tail
        return tail
    }
}
