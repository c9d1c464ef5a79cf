import Glibc
import Reactor
import TestSupport
import Testing

@Suite struct DiskFileTests {
    @Test func `what is stored in a mapped file is in the file`() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("mapped")
        let file = try DiskFile.create(path)
        try file.allocate(byteCount: 8192)
        let mapped = try MappedFile(file, isWritable: true)
        #expect(mapped.byteCount == 8192)
        mapped.base.storeBytes(of: 7, toByteOffset: 5000, as: UInt8.self)
        try mapped.syncData()
        let reader = try MappedFile(try DiskFile.open(path, isWritable: false), isWritable: false)
        #expect(reader.base.load(fromByteOffset: 5000, as: UInt8.self) == 7)
        let (first, second) = (try mapped.inode(), try reader.inode())
        #expect(first == second)
    }

    @Test func `a file knows its place after it was renamed, and that another took it`() throws {
        let directory = try TemporaryDirectory()
        var file = try DiskFile.create(directory.file("a"))
        try file.rename(to: directory.file("b"))
        try DiskFile.syncDirectory(of: file.path)
        #expect(file.path == directory.file("b"))
        let isThere = try file.isAtItsPath()
        #expect(isThere)
        var other = try DiskFile.create(directory.file("c"))
        try other.rename(to: directory.file("b"))
        let isStillThere = try file.isAtItsPath()
        #expect(!isStillThere)
        try DiskFile.remove(directory.file("b"))
        try DiskFile.remove(directory.file("b"))
        let isOtherThere = try other.isAtItsPath()
        #expect(!isOtherThere)
    }

    @Test func `a file that is not there, and an empty one to map, are errors that name it`() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("missing")
        do {
            _ = try DiskFile.open(path, isWritable: false)
            Issue.record("a missing file was opened")
        } catch {
            #expect(error.isNotFound)
        }
        do {
            _ = try MappedFile(try DiskFile.create(path), isWritable: true)
            Issue.record("an empty file was mapped")
        } catch {
            #expect(error.call == "mmap" && error.subject == path)
        }
    }
}
