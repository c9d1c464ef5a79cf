import Glibc
import Reactor
import TestSupport
import Testing

@Suite struct EventLoopTests {
    @Test func `a timer fires once, when its time has come, and may be armed anew`() throws {
        let loop = try EventLoop()
        var fired = 0
        let timer = loop.makeTimer { fired += 1 }
        #expect(!timer.isArmed)
        let start = BootClock.now()
        timer.arm(at: start + 60_000_000)
        timer.arm(at: start + 20_000)
        try turn(loop) { fired == 1 }
        #expect(BootClock.now() - start >= 20_000 && !timer.isArmed)
        try loop.turn(atMost: 0)
        #expect(fired == 1)
        timer.arm(at: 0)
        try loop.turn()
        #expect(fired == 2)
        timer.arm(at: 0)
        timer.disarm()
        try loop.turn(atMost: 0)
        #expect(fired == 2)
    }

    @Test func `timers fire by their deadlines, and a dropped one never`() throws {
        let loop = try EventLoop()
        var order: [String] = []
        let late = loop.makeTimer { order.append("late") }
        let early = loop.makeTimer { order.append("early") }
        let dropped = loop.makeTimer { order.append("dropped") }
        var again: LoopTimer?
        again = loop.makeTimer {
            order.append("again")
            if order.count < 4 { again?.arm(at: 0) }
        }
        let now = BootClock.now()
        late.arm(at: now + 30_000)
        early.arm(at: now + 10_000)
        dropped.arm(at: now + 1)
        loop.drop(dropped)
        try turn(loop) { order.count == 2 }
        #expect(order == ["early", "late"])
        again?.arm(at: 0)
        try turn(loop) { order.count == 4 }
        #expect(order == ["early", "late", "again", "again"])
        #expect(again?.isArmed == false)
    }

    @Test func `a timer may drop another of the same turn`() throws {
        let loop = try EventLoop()
        var fired: [Int] = []
        var second: LoopTimer?
        let first = loop.makeTimer {
            fired.append(1)
            if let second { loop.drop(second) }
        }
        second = loop.makeTimer { fired.append(2) }
        let third = loop.makeTimer { fired.append(3) }
        first.arm(at: 0)
        second?.arm(at: 0)
        third.arm(at: 0)
        try turn(loop) { fired.count == 2 }
        try loop.turn(atMost: 0)
        #expect(fired == [1, 3])
    }

    @Test func `observers hear of each turn's end, in the order of adding, and stop ends the run`() throws {
        let loop = try EventLoop()
        var heard: [String] = []
        loop.add(Observer { heard.append("a") })
        loop.add(
            Observer {
                heard.append("b")
                if heard.count == 4 { loop.stop() }
            })
        let timer = loop.makeTimer { heard.append("timer") }
        timer.arm(at: 0)
        try loop.turn()
        #expect(heard == ["timer", "a", "b"])
        heard = ["a", "b"]
        // Something to wake for, or the loop would sleep for ever.
        loop.makeTimer {}.arm(at: 0)
        try loop.run()
        #expect(heard == ["a", "b", "a", "b"])
    }

    @Test func `events of a descriptor that was closed and reused in the same turn are dropped`() throws {
        let loop = try EventLoop()
        let (one, onePeer) = try Closer.make(loop, lowest: 700)
        let (two, twoPeer) = try Closer.make(loop, lowest: 800)
        one.other = two
        two.other = one
        try one.watch()
        try two.watch()
        // Both are ready in one turn; whichever comes first closes the other and opens a silent one in its place.
        #expect(onePeer.write("x") && twoPeer.write("x"))
        try loop.turn(atMost: 1_000_000)
        #expect(one.calls + two.calls == 1)
        #expect(one.reusedNumber || two.reusedNumber, "the kernel gave another number: nothing was tested")
        #expect((one.replacement ?? two.replacement)?.calls == 0)
    }

    @Test func `a source that was removed hears nothing, and may be added again`() throws {
        let loop = try EventLoop()
        let (socket, peer) = try SocketPair.make()
        let source = Counter()
        #expect(peer.write("x"))
        try loop.add(socket.descriptor, .read, source)
        try loop.turn(atMost: 1_000_000)
        #expect(source.events == [.read])
        loop.remove(socket.descriptor)
        loop.remove(socket.descriptor)
        try loop.turn(atMost: 1000)
        #expect(source.events.count == 1)
        try loop.add(socket.descriptor, .write, source)
        try loop.turn(atMost: 1_000_000)
        #expect(source.events == [.read, .write])
        try loop.modify(socket.descriptor, [.read, .write])
        try loop.turn(atMost: 1_000_000)
        #expect(source.events.last == [.read, .write])
    }

    private func turn(_ loop: EventLoop, until condition: () -> Bool) throws {
        let deadline = ContinuousClock.now + .seconds(10)
        while !condition() {
            guard ContinuousClock.now < deadline else { throw TestFailure("the loop did not come to it in 10 s") }
            try loop.turn(atMost: 50_000)
        }
    }
}

private final class Observer: TurnObserver {
    let body: () -> Void

    init(_ body: @escaping () -> Void) { self.body = body }

    override func turnEnds() { body() }
}

private final class Counter: EventSource {
    var events: [Events] = []
    var calls: Int { events.count }

    override func ready(_ events: Events) { self.events.append(events) }
}

/// Closes another source's socket when its own is ready, and opens one that may get the same number.
private final class Closer: EventSource {
    private let loop: EventLoop
    private var socket: StreamSocket?
    weak var other: Closer?
    var calls = 0
    var reusedNumber = false
    var replacement: Counter?
    private var kept: [StreamSocket] = []

    /// One on a socket of its own, and the socket's peer.
    static func make(_ loop: EventLoop, lowest: Int32) throws -> (Closer, StreamSocket) {
        let (socket, peer) = try SocketPair.make(lowest: lowest)
        return (Closer(loop, socket), peer)
    }

    init(_ loop: EventLoop, _ socket: StreamSocket) {
        self.loop = loop
        self.socket = socket
    }

    func watch() throws {
        if let socket { try loop.add(socket.descriptor, .read, self) }
    }

    override func ready(_ events: Events) {
        calls += 1
        guard let number = other?.close() else { return }
        do {
            let (socket, peer) = try SocketPair.make(lowest: number)
            let counter = Counter()
            reusedNumber = socket.descriptor.number == number
            try loop.add(socket.descriptor, .read, counter)
            replacement = counter
            kept = [socket, peer]
        } catch {
            Issue.record(error)
        }
    }

    /// The number that is free now.
    private func close() -> Int32? {
        guard let number = socket?.descriptor.number else { return nil }
        if let socket { loop.remove(socket.descriptor) }
        socket = nil
        return number
    }
}
