internal import RESP
internal import Reactor
internal import RedisLink

/// Calls of one turn that Redis decides in one run of the script. Lives on the gate's loop.
final class SpendBatch: RedisCall {
    /// The gate's queue outlives its batches.
    private unowned(unsafe) let queue: SpendQueue
    private var calls: [SpendCall] = []

    init(queue: SpendQueue) {
        self.queue = queue
        super.init()
    }

    private var count: Int { calls.count }
    /// What its calls cost Redis, in meters.
    private(set) var weight = 0

    func append(_ call: SpendCall) {
        calls.append(call)
        weight += call.weight
    }

    override func encode(into output: inout OutputBuffer) {
        var keyCount = 1
        for call in calls { keyCount += call.prepare() }
        output.appendCommand(argumentCount: 3 + keyCount + 2 + calls.count)
        output.append(chunk: queue.scriptCall)
        output.appendArgument(integer: Int64(keyCount))
        output.append(chunk: queue.recordsKey)
        for call in calls { call.appendKeys(to: &output) }
        let known = queue.records.version
        output.appendArgument(known.span)
        output.appendArgument(queue.redis.runID)
        var packed: [UInt8] = []
        for call in calls {
            packed.removeAll(keepingCapacity: true)
            call.pack(into: &packed)
            output.appendArgument(packed.span)
        }
    }

    override func completed(_ reply: RedisReply) {
        queue.ended(count)
        var taken = 0
        let isWhole = reply.withBytes { bytes in
            var answer = ScriptAnswer(bytes)
            guard let now = answer.number(), let records = answer.shortText() else { return false }
            queue.redis.clock.observe(redisTime: now, received: BootClock.now())
            queue.records.follow(records)
            while taken < calls.count {
                let call = calls[taken]
                taken += 1
                guard call.completed(&answer, sentAt: sentAt, at: now) else {
                    call.storeFailed()
                    return false
                }
            }
            return true
        }
        guard isWhole != true else { return }
        queue.couldNotDecide(reply.errorText ?? "an answer that is not the script's")
        for call in calls[taken...] { call.failed() }
    }

    override func failed(_ failure: RedisFailure, mayHaveRun: Bool) {
        queue.ended(count)
        for call in calls { call.failed() }
    }
}
