internal import Metering
internal import RESP
internal import Reactor
internal import RedisLink

/// One run of `refund.lua`, for one refund. Lives on the gate's loop.
final class RefundCall: RedisCall {
    private let call: SpendCall
    /// The gate outlives its calls.
    private unowned(unsafe) let book: LeaseBook
    private let wire: RefundWire
    private var request: RefundRequest?
    /// Whether it is asked for the last time, so that less may be given back than was asked for.
    private let isFinal: Bool
    /// What Redis was told before that this holder has spent, of each meter with a lease.
    private let spent: [Int64]

    init(_ call: SpendCall, _ book: LeaseBook, isFinal: Bool, spent: [Int64]) {
        self.call = call
        self.spent = spent
        self.book = book
        self.isFinal = isFinal
        let configuration = call.rules.configuration
        wire = RefundWire(
            keys: configuration.keys, idempotencyMilliseconds: configuration.idempotencyMilliseconds,
            auditMilliseconds: configuration.auditMilliseconds)
        super.init()
        call.entry.callsUnderWay += 1
    }

    override func encode(into output: inout OutputBuffer) {
        let request = call.makeRefund(isFinal: isFinal)
        self.request = request
        let keys = wire.keyNames(request)
        output.appendCommand(argumentCount: 4 + keys.count)
        output.append(chunk: Self.scriptCall)
        output.appendArgument(integer: Int64(keys.count))
        for key in keys { output.appendArgument(key) }
        output.appendArgument(wire.argument(request, run: book.server.redis.runID).span)
    }

    override func completed(_ reply: RedisReply) {
        call.entry.callsUnderWay -= 1
        if call.isDone { book.metrics.add(.lateAnswers) }
        let answer = request.flatMap { request in reply.withBytes { wire.reply($0, to: request) } ?? nil }
        guard let (now, told) = answer else {
            book.server.queue.couldNotDecide(reply.errorText ?? "an answer that is not the script's")
            return call.storeFailed()
        }
        book.server.redis.clock.observe(redisTime: now, received: BootClock.now())
        book.receive(told, to: call, spent: spent)
    }

    override func failed(_ failure: RedisFailure, mayHaveRun: Bool) {
        call.entry.callsUnderWay -= 1
        call.storeFailed()
    }

    private static let scriptCall = RedisConnection.scriptCall(.refund)
}

extension SpendCall {
    /// What Redis is asked, as of now.
    fileprivate func makeRefund(isFinal: Bool) -> RefundRequest {
        let now = server.redisSecond
        slots.removeAll(keepingCapacity: true)
        var items: [RefundRequest.Item] = []
        for item in request.items {
            let slot =
                rules === server.rules
                ? entry.slot(item.meter, at: now, rules) : entry.makeSlot(item.meter, at: now, rules)
            slots.append(slot)
            items.append(
                RefundRequest.Item(
                    meter: rules.catalogue.meters[item.meter].name, place: Self.place(slot.period, at: now),
                    amount: item.amount, limit: slot.limit, isBilled: slot.isBilled))
        }
        var refund = RefundRequest(
            tenant: entry.name, version: entry.versionText, holder: rules.configuration.holder,
            actor: client?.peer.map { "uid:\($0.userID)" } ?? "uid:unknown",
            life: server.book.partitions.life(entry.partition), notAfter: server.redis.clock.time(at: latestForRedis),
            items: items)
        refund.isUnknown = entry.refusal == .unknownTenant
        refund.isFinal = isFinal
        refund.key = request.idempotency.map { RefundRequest.Key($0.key, meaning: $0.meaning) }
        return refund
    }

    /// The hours that can be lowered: of this period, and no older than Stripe takes usage of.
    private static func place(_ period: Period?, at now: Int64) -> RefundRequest.Item.Place {
        guard let period else { return .level }
        let hour = now / 3600
        let oldest = max(period.start / 3600, (now - SpendRequest.longestBack + 3599) / 3600)
        return .counter(period: period.start, hours: min(oldest, hour)...hour)
    }
}
