internal import Glibc
internal import Reactor

/// Brings ledger files into being and opens them, each locked for one owner.
enum LedgerDisk {
    /// The file at `path`, locked; nil when there is none. What is stored in a private one does not get to the file.
    static func openExisting(_ path: String, isPrivate: Bool) throws(LedgerError) -> MappedFile? {
        // A file that was replaced between being opened and being locked is let go, and its successor tried.
        for _ in 0..<8 {
            guard let file = try open(path, isWritable: true) else { return nil }
            do throws(SystemError) {
                try file.lock()
                if try file.isAtItsPath() { return try MappedFile(file, isWritable: true, isPrivate: isPrivate) }
            } catch {
                throw error.isHeldElsewhere ? .inUse(path: path) : .system(error)
            }
        }
        throw .inUse(path: path)
    }

    /// The file at `path` mapped for reading, whoever has its lock.
    static func openForReading(_ path: String) throws(LedgerError) -> MappedFile {
        guard let file = try open(path, isWritable: false) else { throw .missing(path: path) }
        do throws(SystemError) { return try MappedFile(file, isWritable: false) } catch { throw .system(error) }
    }

    /// A file that has at least one byte, as a mapping needs; nil when there is none at all.
    private static func open(_ path: String, isWritable: Bool) throws(LedgerError) -> DiskFile? {
        var isEmpty = false
        do throws(SystemError) {
            let file = try DiskFile.open(path, isWritable: isWritable)
            let status = try file.status()
            if status.isRegular, status.byteCount > 0 { return file }
            isEmpty = status.isRegular
        } catch {
            if error.isNotFound { return nil }
            if error.number != EISDIR { throw .system(error) }
        }
        throw isEmpty ? .foreign(path: path) : .notAFile(path: path)
    }

    /// Makes the ledger at `path`; nil when somebody else has made one meanwhile.
    static func create(_ path: String, _ birth: LedgerBirth, host: HostIdentity) throws(LedgerError) -> MappedFile? {
        let file = try draft(path, birth.layout)
        // All who make this ledger hold the draft's lock in turn, so none appears between this look and the renaming.
        guard try !exists(path) else {
            try LedgerError.system { () throws(SystemError) in try DiskFile.remove(draftPath(path)) }
            return nil
        }
        let inode = try LedgerError.system { () throws(SystemError) in try file.inode() }
        HeaderPage(file.base).create(birth, LedgerState(inode: inode, host: host))
        try install(file, at: path)
        return file
    }

    /// An empty file of the layout's size beside `path`, locked, its room on the disk taken.
    static func draft(_ path: String, _ layout: LedgerLayout) throws(LedgerError) -> MappedFile {
        for _ in 0..<8 {
            do throws(SystemError) {
                let file = try DiskFile.create(draftPath(path))
                try file.lock()
                guard try file.isAtItsPath() else { continue }
                try file.allocate(byteCount: layout.fileBytes)
                return try MappedFile(file, isWritable: true)
            } catch {
                if error.isHeldElsewhere { throw .inUse(path: path) }
                discardDraft(path)
                if error.isNoSpace { throw .noSpace(path: path, byteCount: layout.fileBytes) }
                throw .system(error)
            }
        }
        throw .inUse(path: path)
    }

    /// Gives a finished draft its place. The ledger that had it is there until the new one is on the disk.
    static func install(_ draft: MappedFile, at path: String) throws(LedgerError) {
        try LedgerError.system { () throws(SystemError) in
            try draft.syncAll()
            try draft.rename(to: path)
            try DiskFile.syncDirectory(of: path)
        }
    }

    /// Removes a draft that came to nothing. One that stays does no harm: the next one takes its place.
    static func discardDraft(_ path: String) {
        do throws(SystemError) { try DiskFile.remove(draftPath(path)) } catch {}
    }

    private static func draftPath(_ path: String) -> String { path + ".new" }

    private static func exists(_ path: String) throws(LedgerError) -> Bool {
        do throws(SystemError) {
            _ = try DiskFile.open(path, isWritable: false)
            return true
        } catch {
            if error.isNotFound { return false }
            throw .system(error)
        }
    }
}
