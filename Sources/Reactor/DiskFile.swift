internal import CLinux
internal import Glibc

/// A file held open: locked, given its size, written out and mapped. Closed, and its lock dropped, when it goes away.
public struct DiskFile: ~Copyable {
    /// What the kernel says about an open file.
    public struct Status: Equatable, Sendable {
        /// Its size.
        public let byteCount: Int
        /// The number that the file keeps when it is renamed and that a copy does not have.
        public let inode: UInt64
        /// False for a directory, a socket, a device.
        public let isRegular: Bool
    }

    /// Where it was opened, or renamed to since.
    public private(set) var path: String
    let descriptor: FileDescriptor

    private init(_ number: Int32, path: String) {
        descriptor = FileDescriptor(owning: number)
        self.path = path
    }

    /// Opens a file that exists.
    public static func open(_ path: String, isWritable: Bool) throws(SystemError) -> DiskFile {
        // O_NONBLOCK: to open a pipe that lies where a file should must not wait for its other end.
        let number = Glibc.open(path, (isWritable ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NONBLOCK)
        guard number >= 0 else { throw SystemError("open", subject: path) }
        return DiskFile(number, path: path)
    }

    /// Opens a file for writing, made if need be and for its owner alone.
    public static func create(_ path: String) throws(SystemError) -> DiskFile {
        let number = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0o600)
        guard number >= 0 else { throw SystemError("open", subject: path) }
        return DiskFile(number, path: path)
    }

    /// Takes the exclusive lock (flock); see `SystemError.isHeldElsewhere`.
    public borrowing func lock() throws(SystemError) {
        guard flock(descriptor.number, LOCK_EX | LOCK_NB) == 0 else { throw SystemError("flock", subject: path) }
    }

    /// Size and kind.
    public borrowing func status() throws(SystemError) -> Status {
        var status = stat()
        guard fstat(descriptor.number, &status) == 0 else { throw SystemError("fstat", subject: path) }
        return Status(status)
    }

    /// Whether the path still leads to this very file: another may have been renamed to it since it was opened.
    public borrowing func isAtItsPath() throws(SystemError) -> Bool {
        var there = stat()
        guard stat(path, &there) == 0 else {
            let error = SystemError("stat", subject: path)
            if error.isNotFound { return false }
            throw error
        }
        return try status() == Status(there)
    }

    /// Empties the file and gives it this size, with room on the disk for all of it.
    public borrowing func allocate(byteCount: Int) throws(SystemError) {
        guard ftruncate(descriptor.number, 0) == 0 else { throw SystemError("ftruncate", subject: path) }
        // It returns the error's number and leaves errno alone.
        var code = posix_fallocate(descriptor.number, 0, off_t(byteCount))
        while code == EINTR { code = posix_fallocate(descriptor.number, 0, off_t(byteCount)) }
        guard code == 0 else { throw SystemError("posix_fallocate", errno: code, subject: path) }
    }

    /// Waits until the file's bytes and its size are on the disk.
    public borrowing func syncAll() throws(SystemError) {
        guard fsync(descriptor.number) == 0 else { throw SystemError("fsync", subject: path) }
    }

    /// Waits until the file's bytes, and what is needed to find them, are on the disk.
    public borrowing func syncData() throws(SystemError) {
        guard fdatasync(descriptor.number) == 0 else { throw SystemError("fdatasync", subject: path) }
    }

    /// Gives the file another name, in place of the file that has it. The same directory holds both.
    public mutating func rename(to newPath: String) throws(SystemError) {
        guard Glibc.rename(path, newPath) == 0 else { throw SystemError("rename", subject: path) }
        path = newPath
    }

    /// Removes a file; one that is not there is no error.
    public static func remove(_ path: String) throws(SystemError) {
        guard unlink(path) == 0 else {
            let error = SystemError("unlink", subject: path)
            if error.isNotFound { return }
            throw error
        }
    }

    /// Waits until the names in the directory of `path` are on the disk: a new or renamed file is lost without it.
    public static func syncDirectory(of path: String) throws(SystemError) {
        let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
        let directory = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let number = Glibc.open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard number >= 0 else { throw SystemError("open", subject: directory) }
        let descriptor = FileDescriptor(owning: number)
        guard fsync(descriptor.number) == 0 else { throw SystemError("fsync", subject: directory) }
    }
}

extension DiskFile.Status {
    fileprivate init(_ status: stat) {
        self.init(
            byteCount: Int(status.st_size), inode: UInt64(status.st_ino),
            isRegular: status.st_mode & S_IFMT == S_IFREG)
    }
}

extension SystemError {
    /// True when the disk, the quota or the limit on a file's size has no room.
    public var isNoSpace: Bool { number == ENOSPC || number == EDQUOT || number == EFBIG }
}
