import Foundation
import Glibc
import Reactor
import TestSupport
import Testing

@Suite struct UnixListenerTests {
    private func failure(_ path: String, group: String? = nil) -> ListenError? {
        do {
            _ = try UnixListener(path: path, mode: 0o600, group: group)
            return nil
        } catch {
            return error
        }
    }

    private func entry(_ path: String) -> stat? {
        var status = stat()
        return lstat(path, &status) == 0 ? status : nil
    }

    @Test func `the socket has its mode and group, and goes with its listener`() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("gate.sock")
        let group = try #require(getgrgid(getgid()))
        let mask = umask(0)
        umask(mask)
        try listen(path, group: String(cString: group.pointee.gr_name))
        #expect(entry(path) == nil)
        let after = umask(mask)
        #expect(after == mask, "the umask is every thread's")
    }

    private func listen(_ path: String, group: String) throws {
        let listener = try UnixListener(path: path, mode: 0o640, group: group)
        #expect(listener.path == path)
        let status = try #require(entry(path))
        #expect(status.st_mode & 0o7777 == 0o640)
        #expect(status.st_mode & S_IFMT == S_IFSOCK)
        #expect(status.st_gid == getgid())
    }

    @Test func `a client is accepted, and the kernel says who it is`() throws {
        let directory = try TemporaryDirectory()
        let listener = try UnixListener(path: directory.file("gate.sock"), mode: 0o600, group: nil)
        #expect(try listener.accept() == nil)
        let client = try GateClient(listener.path)
        guard let accepted = try listener.accept() else {
            Issue.record("nobody was accepted")
            return
        }
        let peer = UnixListener.peer(of: accepted)
        #expect(peer?.processID == getpid())
        #expect(peer?.userID == geteuid())
        #expect(peer?.groupID == getegid())
        #expect(fcntl(accepted.number, F_GETFL) & O_NONBLOCK != 0)
        #expect(fcntl(accepted.number, F_GETFD) & FD_CLOEXEC != 0)
        client.close()
        #expect(try listener.accept() == nil)
    }

    @Test func `a path in use is refused, whoever uses it`() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("gate.sock")
        let listener = try UnixListener(path: path, mode: 0o600, group: nil)
        let refusal = failure(path)
        #expect(refusal?.description == "\(path) is in use by another running process: stop it, or choose another path")
        // The one that listens is not disturbed.
        _ = try GateClient(path)
        #expect(try listener.accept() != nil)
    }

    @Test func `a socket of somebody who knows no lock is in use as well`() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("other.sock")
        let stranger = try RawListener(path)
        guard case .inUse = failure(path) else {
            Issue.record("a listening socket was replaced")
            return
        }
        stranger.close()
        #expect(entry(path) != nil)
        // Now nobody listens: what is left is replaced.
        #expect(failure(path) == nil)
    }

    @Test func `what is no socket is left alone`() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write("precious", to: "file")
        #expect(failure(path)?.description == "\(path) exists and is not a socket: remove it, or choose another path")
        #expect(FileManager.default.contents(atPath: path) == Data("precious".utf8))
    }

    @Test func `a path or group that cannot be is named`() throws {
        let directory = try TemporaryDirectory()
        let long = directory.file(String(repeating: "x", count: 107))
        #expect(failure(long)?.description == "bind \(long) (1 to 107 bytes): File name too long")
        let path = directory.file("gate.sock")
        #expect(failure(path, group: "nosuchgroup")?.description == "no group named nosuchgroup on this host")
        #expect(entry(path) == nil, "a listener that failed left a socket behind")
        #expect(failure(path) == nil)
        let missing = directory.file("missing/gate.sock")
        #expect(failure(missing)?.description == "open \(missing).lock: No such file or directory")
    }
}

/// A listening socket without a lock file beside it.
private final class RawListener {
    private var number: Int32

    init(_ path: String) throws {
        number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(number, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard bound == 0, listen(number, 8) == 0 else { throw TestFailure("could not listen on \(path)") }
    }

    deinit { close() }

    func close() {
        if number >= 0 { Glibc.close(number) }
        number = -1
    }
}
