import Foundation
import Glibc
import Synchronization

/// Just enough of HTTP/2 (RFC 9113) to serve a client that chose it by ALPN, over what `openssl s_server` decrypts. It
/// answers each stream with an empty 200, or not at all.
final class HTTP2Server: Sendable {
    /// A frame's type (RFC 9113 §6).
    private enum FrameType {
        static let data: UInt8 = 0
        static let headers: UInt8 = 1
        static let settings: UInt8 = 4
        static let ping: UInt8 = 6
    }

    private static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

    private let fromClient: FileHandle
    private let toClient: FileHandle
    private let answers: Bool
    private let streams = Mutex<[UInt32]>([])
    private let prefaces = Mutex(0)

    /// The streams that came with a request, in order.
    var requests: [UInt32] { streams.withLock { $0 } }
    /// How many connections have spoken HTTP/2.
    var connections: Int { prefaces.withLock { $0 } }

    /// Reads what the client sends and writes what it is to get; `answers` false leaves all requests open.
    init(fromClient: FileHandle, toClient: FileHandle, answers: Bool) {
        self.fromClient = fromClient
        self.toClient = toClient
        self.answers = answers
        Thread.detachNewThread { [self] in serve() }
    }

    private func serve() {
        var bytes: [UInt8] = []
        while true {
            let data = fromClient.availableData
            guard !data.isEmpty else { return }
            bytes += data
            if bytes.starts(with: Self.preface) {
                bytes.removeFirst(Self.preface.count)
                prefaces.withLock { $0 += 1 }
                write(FrameType.settings, flags: 0, stream: 0)
            }
            while let length = frameLength(bytes) {
                take(Array(bytes[..<length]))
                bytes.removeFirst(length)
            }
        }
    }

    /// The length of the first frame with its head of nine bytes; nil until it is whole.
    private func frameLength(_ bytes: [UInt8]) -> Int? {
        guard bytes.count >= 9 else { return nil }
        let length = 9 + Int(bytes[0]) << 16 + Int(bytes[1]) << 8 + Int(bytes[2])
        return bytes.count >= length ? length : nil
    }

    private func take(_ frame: [UInt8]) {
        let (type, flags) = (frame[3], frame[4])
        let stream = frame[5..<9].reduce(0) { $0 << 8 | UInt32($1) }
        switch type {
        case FrameType.settings where flags & 1 == 0:
            write(FrameType.settings, flags: 1, stream: 0)
        case FrameType.ping where flags & 1 == 0:
            write(FrameType.ping, flags: 1, stream: 0, Array(frame[9...]))
        case FrameType.headers, FrameType.data:
            if type == FrameType.headers { streams.withLock { $0.append(stream) } }
            // Once the client has sent all: libcurl 7.88 waits for ever to send the rest to who has answered before.
            // `:status: 200` is the static table's entry 8 (RFC 7541 appendix A); the stream ends with it.
            if answers, flags & 1 == 1 { write(FrameType.headers, flags: 5, stream: stream, [0x88]) }
        default:
            break
        }
    }

    private func write(_ type: UInt8, flags: UInt8, stream: UInt32, _ payload: [UInt8] = []) {
        let length = payload.count
        let head =
            [UInt8(length >> 16 & 255), UInt8(length >> 8 & 255), UInt8(length & 255), type, flags]
            + (0..<4).map { UInt8(truncatingIfNeeded: stream >> (24 - 8 * $0)) }
        toClient.write(Data(head + payload))
    }
}
