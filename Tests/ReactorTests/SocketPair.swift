import Glibc
import Reactor
import TestSupport

/// Two connected sockets.
enum SocketPair {
    /// `lowest` is the first socket's least number: high ones are not taken by whatever else runs in this process.
    static func make(lowest: Int32 = 0) throws -> (StreamSocket, StreamSocket) {
        var pair: [Int32] = [0, 0]
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &pair) == 0 else { throw TestFailure("no socket pair") }
        if lowest > 0 {
            let moved = fcntl(pair[0], F_DUPFD_CLOEXEC, lowest)
            close(pair[0])
            pair[0] = moved
        }
        return (
            StreamSocket(descriptor: FileDescriptor(owning: pair[0])),
            StreamSocket(descriptor: FileDescriptor(owning: pair[1]))
        )
    }
}

extension StreamSocket {
    /// Whether all of a text was taken at once.
    func write(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return bytes.withUnsafeBytes { write($0) } == .moved(bytes.count)
    }
}
