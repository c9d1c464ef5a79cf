internal import CLinux
internal import Glibc

/// Advisory locks (flock) that say "one process at a time"; the kernel drops them when the holder dies.
public enum LockFile {
    /// Creates `path` if need be and locks it for as long as the returned descriptor lives.
    ///
    /// Throws a `SystemError` of EWOULDBLOCK when another process holds it; see `isHeldElsewhere`.
    public static func acquire(_ path: String) throws(SystemError) -> FileDescriptor {
        let number = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard number >= 0 else { throw SystemError("open", subject: path) }
        let descriptor = FileDescriptor(owning: number)
        guard flock(number, LOCK_EX | LOCK_NB) == 0 else { throw SystemError("flock", subject: path) }
        return descriptor
    }
}

extension SystemError {
    /// True when a lock is held by another process.
    public var isHeldElsewhere: Bool { number == EWOULDBLOCK }
}
