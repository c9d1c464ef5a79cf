import Reactor
import TestSupport
import Testing

@Suite struct LockFileTests {
    @Test func `a lock has one holder at a time`() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("lock")
        try held(path)
        // The first holder is gone.
        _ = try LockFile.acquire(path)
        do {
            _ = try LockFile.acquire(directory.file("missing/lock"))
            Issue.record("a lock in a missing directory was taken")
        } catch {
            #expect(error.isNotFound)
            #expect(error.description.hasPrefix("open \(directory.path)/missing/lock: "))
        }
    }

    private func held(_ path: String) throws {
        let first = try LockFile.acquire(path)
        do {
            _ = try LockFile.acquire(path)
            Issue.record("a second holder got the lock")
        } catch {
            #expect(error.isHeldElsewhere)
        }
        #expect(first.number >= 0)
    }
}
