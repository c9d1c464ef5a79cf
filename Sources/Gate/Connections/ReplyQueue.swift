internal import DequeModule
internal import RESP

/// The replies of one client that have not been written yet, in the order of its requests.
///
/// Decisions come back when Redis has made them, and everything behind one that is still out waits for it.
struct ReplyQueue {
    enum Reply {
        /// A decision, made or still out.
        case call(SpendCall)
        /// Replies that were ready at once, and stand behind a decision.
        case ready(OutputBuffer)
    }

    private var replies = Deque<Reply>()
    /// How many bytes stand ready behind a decision.
    private(set) var byteCount = 0

    var isEmpty: Bool { replies.isEmpty }
    var count: Int { replies.count }

    mutating func append(_ call: SpendCall) { replies.append(.call(call)) }

    /// Lets `write` add a reply at its place: straight to `output` when nothing is waiting.
    mutating func write(to output: inout OutputBuffer, _ write: (inout OutputBuffer) -> Void) {
        guard let last = replies.indices.last else { return write(&output) }
        var buffer = OutputBuffer()
        if case .ready(let ready) = replies[last] {
            // Taken out while it is written to, so that it is not copied.
            replies.removeLast()
            buffer = ready
        }
        byteCount -= buffer.count
        write(&buffer)
        byteCount += buffer.count
        replies.append(.ready(buffer))
    }

    /// Moves everything whose turn has come to `output`.
    mutating func drain(to output: inout OutputBuffer, _ write: (SpendCall, inout OutputBuffer) -> Void) {
        while let first = replies.first {
            switch first {
            case .ready(let buffer):
                output.append(chunk: buffer)
                byteCount -= buffer.count
            case .call(let call):
                guard call.isDone else { return }
                write(call, &output)
            }
            replies.removeFirst()
        }
    }
}
