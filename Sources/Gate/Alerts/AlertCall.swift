internal import Ledger
internal import Metering
internal import RESP
internal import RedisLink

/// One run of `alert.lua`: the thresholds of one total.
final class AlertCall: RedisCall {
    let subject: AlertSubject
    /// How often it was not answered.
    var tries = 0
    /// The gate's queue outlives its calls.
    private unowned(unsafe) let queue: AlertQueue

    init(_ subject: AlertSubject, queue: AlertQueue) {
        self.subject = subject
        self.queue = queue
        super.init()
    }

    override func encode(into output: inout OutputBuffer) {
        let keys = names
        let arguments = arguments
        output.appendCommand(argumentCount: 3 + keys.count + arguments.count)
        output.append(chunk: queue.scriptCall)
        output.appendArgument(integer: Int64(keys.count))
        for key in keys { output.appendArgument(key) }
        for argument in arguments { output.appendArgument(argument) }
    }

    private var names: [String] {
        let keys = queue.configuration.keys
        let tenant = subject.entry.name
        let partition = keys.partition(of: tenant)
        let total =
            subject.period.map { keys.usage(tenant, subject.meter, period: $0.start) }
            ?? keys.level(tenant, subject.meter)
        return [keys.tenant(tenant), total, keys.audit(partition), keys.notices(partition)]
    }

    private var arguments: [String] {
        let configuration = queue.configuration
        var arguments = [
            subject.version, subject.period == nil ? "level" : "counter", subject.entry.name, subject.meter,
            subject.entry.entitlement.plan?.slug ?? "", String(subject.limit),
            subject.period.map { UTCText.text($0.start) } ?? "", subject.period.map { UTCText.text($0.end) } ?? "",
            "gate:\(configuration.holder)", configuration.ledger.holderID, String(configuration.auditMilliseconds),
            String(configuration.mostNotices),
        ]
        // In the order that a total passes them, so that they are told in it.
        let placed = subject.thresholds.compactMap { threshold in
            threshold.total(of: subject.limit).map { (total: $0, threshold: threshold) }
        }
        for (total, threshold) in placed.sorted(by: { $0.total < $1.total }) {
            arguments += [threshold.label, String(total), threshold.direction.rawValue]
        }
        return arguments
    }

    override func completed(_ reply: RedisReply) {
        if let error = reply.errorText { return queue.failed(self, error) }
        guard reply.count > 0 else { return queue.outdated(self) }
        guard reply.count >= 2, let used = reply[0]?.integer, let dropped = reply[1]?.integer else {
            return queue.failed(self, "an answer that is none")
        }
        var crossed: [(label: String, direction: String)] = []
        for index in stride(from: 2, to: reply.count - 1, by: 2) {
            crossed.append((reply[index]?.string ?? "", reply[index + 1]?.string ?? ""))
        }
        queue.looked(self, used: used, dropped: Int(clamping: dropped), crossed: crossed)
    }

    override func failed(_ failure: RedisFailure, mayHaveRun: Bool) { queue.failed(self, failure.description) }
}
