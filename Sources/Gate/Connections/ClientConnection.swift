internal import RESP
internal import Reactor

/// One client: bytes in, requests, replies in their order, bytes out. Lives on the gate's loop.
///
/// Reading stops while the client owes us reading (its answers pile up) or has too many calls out, and goes on when it
/// has caught up; so a client can fill only its own buffers.
final class ClientConnection: EventSource {
    /// How many replies may wait behind a decision before the rest of a pipeline stays unread.
    private static let maxWaitingReplies = 1024

    let server: GateServer
    private let quickTake: QuickTake
    private let metrics: GateMetrics
    private let flushesAtOnce: Bool
    let identifier: Int64
    let peer: PeerCredentials?
    private let socket: StreamSocket
    private var parser: RequestParser
    /// What has arrived and makes no whole request yet, or waits because reading has stopped.
    private var input: [UInt8] = []
    private var output = OutputBuffer()
    private var replies = ReplyQueue()
    private var interest: Events = .read
    private var isPeerDone = false
    private(set) var isClosed = false
    var isListedForFlush = false
    var protocolVersion = RESPVersion.two
    var name = ""
    /// What the client says of its library.
    var library = (name: "", version: "")
    /// No request is read any more; closed when all replies are written.
    var isEnding = false
    private(set) var lastActive: Int64
    /// Since when it is connected.
    let connectedAt: Int64

    init(socket: StreamSocket, server: GateServer, identifier: Int64, peer: PeerCredentials?) {
        self.socket = socket
        self.server = server
        quickTake = server.quickTake
        metrics = server.metrics
        flushesAtOnce = !server.book.isPowerSafe
        self.identifier = identifier
        self.peer = peer
        parser = RequestParser(maxRequestBytes: server.rules.configuration.maxRequestBytes)
        lastActive = server.loop.now
        connectedAt = server.loop.now
    }

    var descriptorNumber: Int32 { socket.descriptor.number }

    func start() throws(SystemError) { try server.loop.add(socket.descriptor, .read, self) }

    /// Whether nothing is on its way to this client.
    var isQuiet: Bool { replies.isEmpty && output.isEmpty }

    /// Bytes that arrived and wait; replies that wait behind decisions; bytes that are ready for the client.
    var backlog: (input: Int, replies: Int, output: Int) {
        (input.count, replies.count, output.count + replies.byteCount)
    }

    /// What the loop waits for, as Redis writes it: `r`, `w` or both.
    var eventLetters: String { (interest.contains(.read) ? "r" : "") + (interest.contains(.write) ? "w" : "") }

    private var isStalled: Bool {
        replies.count >= Self.maxWaitingReplies
            || output.count + replies.byteCount >= server.rules.configuration.maxOutputBytes
    }

    // MARK: - In

    override func ready(_ events: Events) {
        if events.contains(.read), !isEnding, !isPeerDone, !isStalled {
            // What a client asked before it hung up is still read and carried out.
            receive()
        } else if !events.isDisjoint(with: .hangup) {
            // Nobody is there to answer, and the kernel would report it again at once, for ever.
            return close()
        }
        if events.contains(.write) { server.needsFlush(self) }
    }

    private func receive() {
        switch socket.read(into: server.scratch) {
        case .wouldBlock: return
        case .closed:
            // What was asked is still answered: a client may send its requests, finish writing, and read.
            isPeerDone = true
            server.needsFlush(self)
        case .moved(let count):
            lastActive = server.loop.now
            let arrived = UnsafeRawBufferPointer(rebasing: server.scratch[..<count])
            if input.isEmpty {
                let used = process(arrived.bindMemory(to: UInt8.self).span)
                if used < count { input.append(contentsOf: arrived[used...]) }
            } else {
                input.append(contentsOf: arrived)
                processInput()
            }
            // What may have to get to the disk first waits for the end of the turn.
            if flushesAtOnce { flush() } else { server.needsFlush(self) }
        }
    }

    private func processInput() {
        let bytes = input
        input = []
        let used = process(bytes.span)
        if used < bytes.count { input = Array(bytes[used...]) }
    }

    /// Answers the requests in `bytes` until they are used up or reading stops. Returns how many bytes were used.
    private func process(_ bytes: Span<UInt8>) -> Int {
        var start = 0
        while !isEnding, !isStalled, start < bytes.count {
            switch parser.next(in: bytes, from: start) {
            case .incomplete: return start
            case .blank(let length): start += length
            case .malformed(let error):
                server.metrics.add(.protocolErrors)
                reply { $0.append(errorText: "ERR \(error.message)") }
                isEnding = true
                return bytes.count
            case .request(let length):
                metrics.add(.requests)
                if parser.isInline {
                    let inline = parser.inlineBytes
                    execute(inline.span)
                } else if !takeQuickly(bytes, start) {
                    execute(bytes.extracting(start..<(start + length)))
                }
                start += length
            }
        }
        return isEnding ? bytes.count : start
    }

    private func takeQuickly(_ bytes: Span<UInt8>, _ start: Int) -> Bool {
        let count = parser.argumentCount
        guard replies.isEmpty, count == 4 || count == 3 else { return false }
        let (command, tenant, meter) = (parser.argument(0), parser.argument(1), parser.argument(2))
        let amount = count == 4 ? parser.argument(3) : nil
        return bytes.withUnsafeBytes { raw in
            quickTake.take(
                UnsafeRawBufferPointer(rebasing: raw[start...]), command, tenant: tenant, meter: meter, amount: amount,
                isThree: protocolVersion == .three, to: &output)
        }
    }

    /// Where argument `index` of the request being executed stands.
    func argument(_ index: Int) -> Range<Int> { parser.argument(index) }
    var argumentCount: Int { parser.argumentCount }

    // MARK: - Out

    /// Writes a reply at its place behind those still out.
    func reply(_ write: (inout OutputBuffer) -> Void) { replies.write(to: &output, write) }

    /// Sends a decision on its way; its reply comes at its place.
    func ask(_ call: SpendCall) {
        replies.append(call)
        server.decide(call)
    }

    /// Keeps the place of a call that is decided already and answered later.
    func expect(_ call: SpendCall) {
        replies.append(call)
        server.expect(call)
    }

    func answered(_ call: SpendCall) {
        guard !isClosed else { return }
        replies.drain(to: &output) { call, output in
            call.writeReply(to: &output, server)
            server.replied(call)
        }
        server.needsFlush(self)
    }

    /// Writes what the kernel takes, and decides whether to read on. Called once a turn.
    func flush() {
        guard !isClosed else { return }
        while !output.isEmpty {
            let transfer = output.withReadable { bytes in bytes.withUnsafeBytes { socket.write($0) } }
            switch transfer {
            case .moved(let count): output.removeFirst(count)
            case .closed: return close()
            case .wouldBlock: return watch()
            }
        }
        if !isEnding, !isStalled, !input.isEmpty { resume() }
        if isEnding || isPeerDone, replies.isEmpty, output.isEmpty { return close() }
        watch()
    }

    /// Goes on with requests that had arrived before reading stopped.
    private func resume() {
        processInput()
        if !output.isEmpty { server.needsFlush(self) }
    }

    private func watch() {
        var wanted: Events = []
        if !isEnding, !isPeerDone, !isStalled { wanted.insert(.read) }
        if !output.isEmpty { wanted.insert(.write) }
        guard wanted != interest else { return }
        do throws(SystemError) {
            try server.loop.modify(socket.descriptor, wanted)
            interest = wanted
        } catch {
            close()
        }
    }

    /// Ends the connection at once; calls still out are answered to nobody.
    func close() {
        guard !isClosed else { return }
        isClosed = true
        isEnding = true
        replies = ReplyQueue()
        server.loop.remove(socket.descriptor)
        server.closed(self)
    }
}
