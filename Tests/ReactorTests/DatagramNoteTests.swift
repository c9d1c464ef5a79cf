import Glibc
import Reactor
import TestSupport
import Testing

@Suite struct DatagramNoteTests {
    @Test(arguments: [false, true])
    func `a note arrives whole, at a path or an abstract name`(isAbstract: Bool) throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("notify")
        let receiver = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        defer { close(receiver) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let name = (isAbstract ? [0] : []) + Array(path.utf8)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(receiver, $0, socklen_t(2 + name.count))
            }
        }
        #expect(bound == 0)
        try DatagramNote.send("READY=1\nSTATUS=up", to: isAbstract ? "@" + path : path)
        var buffer = [UInt8](repeating: 0, count: 100)
        let count = recv(receiver, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        #expect(String(decoding: buffer.prefix(max(0, count)), as: UTF8.self) == "READY=1\nSTATUS=up")
    }

    @Test func `nobody listening is an error`() throws {
        let directory = try TemporaryDirectory()
        for path in [directory.file("none"), "", String(repeating: "x", count: 108)] {
            do {
                try DatagramNote.send("READY=1", to: path)
                Issue.record("it was sent to \(path)")
            } catch {
                #expect(error.call == "sendto")
            }
        }
    }
}
