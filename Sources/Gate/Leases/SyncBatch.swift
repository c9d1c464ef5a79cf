internal import Ledger
internal import Logging
internal import Metering
internal import RESP
internal import Reactor
internal import RedisLink

/// One run of `sync.lua`: leases of some partitions. Lives on the gate's loop.
final class SyncBatch: RedisCall {
    /// What is said to one partition.
    struct Part {
        let partition: Int
        let request: SyncRequest
        /// The leases it speaks of, in the order of the request's items; none for rows that are only in the ledger.
        var leases: [HeldLease] = []
        /// Those rows.
        var rows: [LedgerRows] = []
    }

    /// The book's queue outlives its batches.
    private unowned(unsafe) let queue: SyncQueue
    private let parts: [Part]
    private let requests: [SyncWire.Part]
    private let wire: SyncWire
    /// How many leases it speaks of.
    var weight = 0

    init(queue: SyncQueue, parts: [Part], wire: SyncWire) {
        self.queue = queue
        self.parts = parts
        self.wire = wire
        requests = parts.map { ($0.partition, $0.request) }
        super.init()
    }

    private var run: String { queue.book.server.redis.runID }

    override func encode(into output: inout OutputBuffer) {
        let keys = wire.keyNames(requests)
        let arguments = wire.arguments(requests, run: run)
        output.appendCommand(argumentCount: 3 + keys.count + arguments.count)
        output.append(chunk: queue.scriptCall)
        output.appendArgument(integer: Int64(keys.count))
        for key in keys { output.appendArgument(key) }
        for argument in arguments { output.appendArgument(argument.span) }
    }

    override func completed(_ reply: RedisReply) {
        ended()
        let book = queue.book
        let replies = reply.withBytes { wire.replies($0, to: requests, run: run) } ?? nil
        guard let replies, replies.count == parts.count else {
            let reason = reply.errorText ?? "an answer that is none"
            book.syncFailureLog.warning("Redis did not take a sync", ["reason": "\(reason)", "leases": "\(weight)"])
            return RedisReply.isPassing(reason) ? book.resend.failed(parts) : refused()
        }
        for (part, reply) in zip(parts, replies) {
            if part.partition == parts[0].partition {
                book.server.redis.clock.observe(redisTime: reply.now, received: BootClock.now())
            }
            book.receive(reply, to: part)
        }
    }

    private func ended() {
        queue.ended(self)
        for part in parts { for held in part.leases { held.syncsUnderWay -= 1 } }
    }

    /// One lease that Redis cannot take, because somebody wrote to its keys, makes it refuse all of them.
    private func refused() {
        let leases = parts.flatMap(\.leases)
        if leases.count > 1 { queue.sendApart(leases) }
        if leases.count == 1 { leases[0].goesAlone = true }
        queue.book.resend.refused(parts)
    }

    override func failed(_ failure: RedisFailure, mayHaveRun: Bool) {
        ended()
        queue.book.resend.failed(parts)
    }
}
