import Glibc

/// A socket call that failed.
struct LocalSocketError: Error, Equatable, CustomStringConvertible {
    /// The `errno` of it.
    let number: Int32

    /// The system's words, or what they mean here.
    var description: String {
        switch number {
        case ENOENT: "no such socket"
        case ECONNREFUSED: "nobody listens there"
        case EACCES: "permission denied: the socket's group may use it"
        case EAGAIN, ETIMEDOUT: "no answer in time"
        case ENAMETOOLONG: "a socket's path has at most 107 bytes"
        case ECONNRESET, EPIPE: "the daemon closed the connection"
        default: String(cString: strerror(number))
        }
    }
}
