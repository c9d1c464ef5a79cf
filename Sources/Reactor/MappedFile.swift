internal import CLinux
internal import Glibc

/// A whole file in memory, shared with the file itself, unless it is asked for privately: what is stored here is in the
/// page cache at once and outlives the process. Unmapped, and the file closed and unlocked, when it goes away. Only its
/// owner's thread may use it.
public final class MappedFile {
    /// The first byte. Valid as long as this object lives.
    public let base: UnsafeMutableRawPointer
    /// How many bytes are mapped: the file's size when it was mapped.
    public let byteCount: Int
    private var file: DiskFile

    /// Maps all of `file`, which must not be empty. Storing to a file opened for reading only kills the process.
    ///
    /// - Parameter isPrivate: whether a page is copied when it is first stored to, and the file stays as it is.
    public init(_ file: consuming DiskFile, isWritable: Bool, isPrivate: Bool = false) throws(SystemError) {
        let byteCount = try file.status().byteCount
        let protection = isWritable ? PROT_READ | PROT_WRITE : PROT_READ
        let sharing = isPrivate ? MAP_PRIVATE : MAP_SHARED
        let address = mmap(nil, byteCount, protection, sharing, file.descriptor.number, 0)
        guard let address, address != MAP_FAILED else { throw SystemError("mmap", subject: file.path) }
        base = address
        self.byteCount = byteCount
        self.file = file
    }

    deinit {
        munmap(base, byteCount)
    }

    /// Where the file was opened, or renamed to since.
    public var path: String { file.path }

    /// Gives the file another name, in place of the file that has it. The same directory holds both.
    public func rename(to newPath: String) throws(SystemError) {
        try file.rename(to: newPath)
    }

    /// Waits until all that was stored is on the disk.
    ///
    /// fdatasync writes the pages that a shared mapping made dirty like those of `write`: the kernel takes both from
    /// the same cache, and finds the former by write-protecting clean pages. So msync has nothing to add.
    public func syncData() throws(SystemError) {
        try file.syncData()
    }

    /// Waits until all that was stored and the file's size are on the disk.
    public func syncAll() throws(SystemError) {
        try file.syncAll()
    }

    /// The number that the file keeps when it is renamed and that a copy does not have.
    public func inode() throws(SystemError) -> UInt64 {
        try file.status().inode
    }
}
