import Reactor
import Synchronization
import TestSupport
import Testing

@Suite struct MailboxTests {
    @Test func `messages wake the loop and come in order`() throws {
        let loop = try EventLoop()
        let mailbox = try Mailbox<Int>(capacity: 100)
        var taken: [Int] = []
        #expect(mailbox.post(0))
        try mailbox.attach(to: loop) { taken.append($0) }
        for number in 1..<10 { #expect(mailbox.post(number)) }
        try loop.turn(atMost: 5_000_000)
        #expect(taken == Array(0..<10))
        try loop.turn(atMost: 0)
        #expect(mailbox.post(10))
        try loop.turn(atMost: 5_000_000)
        #expect(taken == Array(0...10))
    }

    @Test func `a full mailbox takes nothing until it was emptied`() throws {
        let loop = try EventLoop()
        let mailbox = try Mailbox<Int>(capacity: 2)
        var taken: [Int] = []
        try mailbox.attach(to: loop) { taken.append($0) }
        #expect(mailbox.post(1) && mailbox.post(2) && !mailbox.post(3))
        try loop.turn(atMost: 5_000_000)
        #expect(mailbox.post(4))
        try loop.turn(atMost: 5_000_000)
        #expect(taken == [1, 2, 4])
    }

    @Test func `a closed mailbox gives back what nobody took`() throws {
        let mailbox = try Mailbox<Int>(capacity: 10)
        #expect(mailbox.post(1) && mailbox.post(2) && !mailbox.isClosed)
        #expect(mailbox.close() == [1, 2])
        #expect(mailbox.isClosed && !mailbox.post(3))
        #expect(mailbox.close().isEmpty)
    }

    @Test func `nothing is lost and no thread's order broken while many post`() throws {
        let mailbox = try Mailbox<(thread: Int, number: Int)>(capacity: 50)
        let taken = Mutex<[[Int]]>(Array(repeating: [], count: 4))
        let reader = try LoopThread(name: "reader") {
            do {
                let loop = try EventLoop()
                var left = 4 * 2000
                try mailbox.attach(to: loop) { message in
                    taken.withLock { $0[message.thread].append(message.number) }
                    left -= 1
                    if left == 0 { loop.stop() }
                }
                try loop.run()
            } catch {
                Issue.record(error)
            }
        }
        let writers = try (0..<4).map { thread in
            try LoopThread(name: "writer") {
                for number in 0..<2000 { while !mailbox.post((thread, number)) {} }
            }
        }
        for writer in writers { writer.join() }
        reader.join()
        #expect(taken.withLock { $0 } == Array(repeating: Array(0..<2000), count: 4))
    }
}
