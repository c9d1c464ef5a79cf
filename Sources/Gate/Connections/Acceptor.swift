internal import Glibc
internal import Logging
internal import Reactor

/// Takes in clients, up to the bound, and knows them all. Lives on the gate's loop.
final class Acceptor: EventSource {
    /// Clients taken in one turn, so that a storm of connects does not hold up those who are in.
    private static let perTurn = 64
    /// How long to wait when the process is out of descriptors.
    private static let pause: Int64 = 100_000

    private unowned let server: GateServer
    private let listener: UnixListener
    private var byDescriptor: [Int32: ClientConnection] = [:]
    private var nextIdentifier: Int64 = 1
    private var resumeTimer: LoopTimer?
    private var isAccepting = false
    private var isStopped = false

    init(server: GateServer) throws(ListenError) {
        let configuration = server.rules.configuration
        self.server = server
        listener = try UnixListener(
            path: configuration.socketPath, mode: configuration.socketMode, group: configuration.socketGroup)
        super.init()
        resumeTimer = server.loop.makeTimer { [unowned self] in startAccepting() }
    }

    var clients: [ClientConnection] { Array(byDescriptor.values) }

    /// Lets clients in; they queue at the socket until then.
    func startAccepting() {
        guard !isAccepting, !isStopped else { return }
        do throws(SystemError) {
            try server.loop.add(listener.descriptor, .read, self)
            isAccepting = true
        } catch {
            server.log.error("cannot accept clients", metadata: ["reason": "\(error)"])
            resumeTimer?.arm(at: server.loop.now + Self.pause)
        }
    }

    /// Lets nobody in any more.
    func stop() {
        isStopped = true
        pauseAccepting()
    }

    private func pauseAccepting() {
        if isAccepting { server.loop.remove(listener.descriptor) }
        isAccepting = false
    }

    override func ready(_ events: Events) {
        for _ in 0..<Self.perTurn {
            do throws(SystemError) {
                guard let descriptor = try listener.accept() else { return }
                admit(descriptor)
            } catch {
                server.log.error("cannot accept a client", metadata: ["reason": "\(error)"])
                pauseAccepting()
                resumeTimer?.arm(at: server.loop.now + Self.pause)
                return
            }
        }
    }

    private func admit(_ descriptor: consuming FileDescriptor) {
        let configuration = server.rules.configuration
        let peer = UnixListener.peer(of: descriptor)
        let socket = StreamSocket(descriptor: descriptor)
        if let allowed = configuration.allowedUserIDs, !(peer.map { allowed.contains($0.userID) } ?? false) {
            return reject(socket, "-NOPERM this user may not use this socket (gate.allow_uids)\r\n")
        }
        guard byDescriptor.count < configuration.maxConnections else {
            return reject(socket, "-ERR max number of clients reached\r\n")
        }
        let client = ClientConnection(socket: socket, server: server, identifier: nextIdentifier, peer: peer)
        nextIdentifier += 1
        do throws(SystemError) {
            try client.start()
        } catch {
            return server.log.error("cannot watch a client", metadata: ["reason": "\(error)"])
        }
        byDescriptor[client.descriptorNumber] = client
        server.metrics.add(.accepted)
        server.metrics.set(.connections, byDescriptor.count)
    }

    /// Says why and closes. A new socket has room for a line, so nothing waits for it.
    private func reject(_ socket: StreamSocket, _ line: String) {
        server.metrics.add(.rejected)
        _ = Array(line.utf8).withUnsafeBytes { socket.write($0) }
    }

    func closed(_ client: ClientConnection) {
        byDescriptor[client.descriptorNumber] = nil
        server.metrics.set(.connections, byDescriptor.count)
    }
}
