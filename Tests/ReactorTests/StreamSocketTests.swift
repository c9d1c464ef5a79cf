import Reactor
import TestSupport
import Testing

@Suite struct StreamSocketTests {
    @Test func `a peer that reads slowly gets every byte, in order`() throws {
        let (near, far) = try SocketPair.make()
        let bytes = (0..<2_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        var sent = 0
        var blocked = 0
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 10_000)
        while received.count < bytes.count {
            switch bytes[sent...].withUnsafeBytes({ near.write($0) }) {
            case .moved(let count): sent += count
            case .wouldBlock: blocked += 1
            case .closed: throw TestFailure("closed")
            }
            if case .moved(let count) = buffer.withUnsafeMutableBytes({ far.read(into: $0) }) {
                received += buffer[..<count]
            }
        }
        #expect(received == bytes)
        #expect(blocked > 0)
        #expect(buffer.withUnsafeMutableBytes { far.read(into: $0) } == .wouldBlock)
    }

    @Test func `an end of writing leaves the way back open`() throws {
        let (near, far) = try SocketPair.make()
        var buffer = [UInt8](repeating: 0, count: 10)
        #expect(near.write("last"))
        near.finishWriting()
        #expect(buffer.withUnsafeMutableBytes { far.read(into: $0) } == .moved(4))
        #expect(buffer.withUnsafeMutableBytes { far.read(into: $0) } == .closed)
        #expect(far.write("back"))
        #expect(buffer.withUnsafeMutableBytes { near.read(into: $0) } == .moved(4))
        #expect(near.write("x") == false)
    }

    @Test func `a peer that is gone ends writing without a signal`() throws {
        var pair: (StreamSocket, StreamSocket)? = try SocketPair.make()
        let near = try #require(pair?.0)
        pair = nil
        #expect([UInt8(1)].withUnsafeBytes { near.write($0) } == .closed)
    }

    @Test func `a connect that nobody takes says to whom`() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("none.sock")
        do {
            _ = try StreamSocket.connecting(to: try SocketAddress(path: path))
            Issue.record("it connected to nothing")
        } catch {
            #expect(error.description == "connect \(path): No such file or directory")
            #expect(error.isNotFound && !error.isConnectionRefused)
        }
    }

    @Test func `a TCP connect that is refused is known once it is writable`() throws {
        let address = try #require(try SocketAddress.resolve(host: "127.0.0.1", port: 1).first)
        #expect(address.description == "127.0.0.1:1")
        let loop = try EventLoop()
        do {
            let socket = try StreamSocket.connecting(to: address)
            let waiter = Waiter()
            try loop.add(socket.descriptor, .write, waiter)
            while !waiter.isReady { try loop.turn(atMost: 1_000_000) }
            #expect(socket.connectError(address)?.isConnectionRefused == true)
        } catch {
            #expect(error.isConnectionRefused)
        }
    }

    @Test func `a host that does not exist is named`() {
        do {
            _ = try SocketAddress.resolve(host: "no such host", port: 6379)
            Issue.record("it was resolved")
        } catch {
            #expect(error.description.hasPrefix("getaddrinfo no such host ("))
        }
    }
}

private final class Waiter: EventSource {
    var isReady = false

    override func ready(_ events: Events) { isReady = true }
}
