internal import CLinux
internal import Glibc
internal import Synchronization

/// A bounded queue into an event loop: any thread posts, the loop's thread takes all at once.
///
/// The eventfd wakes the loop; it is written only when the queue was empty, so a burst costs one system call.
public final class Mailbox<Message: Sendable>: Sendable {
    private struct Queue {
        var messages: [Message] = []
        var isClosed = false
    }

    private let queue = Mutex(Queue())
    private let capacity: Int
    private let wake: FileDescriptor

    /// A mailbox that holds at most `capacity` messages not yet taken.
    public init(capacity: Int) throws(SystemError) {
        let descriptor = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
        guard descriptor >= 0 else { throw SystemError("eventfd") }
        wake = FileDescriptor(owning: descriptor)
        self.capacity = capacity
    }

    /// Queues `message` and wakes the loop. False when the mailbox is full or closed: nothing was queued.
    public func post(_ message: Message) -> Bool {
        let outcome = queue.withLock { queue -> (queued: Bool, first: Bool) in
            guard !queue.isClosed, queue.messages.count < capacity else { return (false, false) }
            queue.messages.append(message)
            return (true, queue.messages.count == 1)
        }
        if outcome.first {
            var one: UInt64 = 1
            // It can fail only when the counter is at its top, and then the loop is already being woken.
            _ = write(wake.number, &one, MemoryLayout<UInt64>.size)
        }
        return outcome.queued
    }

    /// Delivers to `receive`, on the loop's thread, from now on. Call it on that thread, once.
    public func attach(to loop: EventLoop, receive: @escaping (Message) -> Void) throws(SystemError) {
        try loop.add(wake, .read, MailboxSource(mailbox: self, receive: receive))
    }

    /// Whether nobody takes messages any more.
    public var isClosed: Bool { queue.withLock { $0.isClosed } }

    /// Takes nothing more from here on, and returns what nobody has taken: its senders may wait for an answer. For the
    /// loop's thread, when its loop has ended.
    public func close() -> [Message] {
        queue.withLock { queue in
            defer { queue = Queue(messages: [], isClosed: true) }
            return queue.messages
        }
    }

    fileprivate func takeAll() -> [Message] {
        var counter: UInt64 = 0
        _ = read(wake.number, &counter, MemoryLayout<UInt64>.size)
        return queue.withLock { queue in
            defer { queue.messages.removeAll(keepingCapacity: true) }
            return queue.messages
        }
    }
}

private final class MailboxSource<Message: Sendable>: EventSource {
    let mailbox: Mailbox<Message>
    let receive: (Message) -> Void

    init(mailbox: Mailbox<Message>, receive: @escaping (Message) -> Void) {
        self.mailbox = mailbox
        self.receive = receive
    }

    override func ready(_ events: Events) {
        for message in mailbox.takeAll() { receive(message) }
    }
}
