internal import DequeModule
internal import Logging
internal import Metering
internal import Reactor
internal import RedisLink

/// Has Redis look at totals that may have crossed a threshold, some at a time, beside the decisions. Lives on the
/// gate's loop.
final class AlertQueue {
    /// Looks on their way at once.
    private static let mostInFlight = 64
    /// Looks that wait for others. One more is put off until its total is heard of again.
    private static let mostWaiting = 10_000
    /// How often a look is tried that Redis did not answer.
    private static let mostTries = 5

    /// The gate outlives its queue.
    private unowned(unsafe) let server: GateServer
    private let redis: RedisConnection
    /// The beginning of every command, encoded.
    let scriptCall = RedisConnection.scriptCall(.alert)
    private let mostWaiting: Int
    private var waiting = Deque<AlertCall>()
    private var inFlight = 0

    init(server: GateServer, mostWaiting: Int = AlertQueue.mostWaiting) {
        self.server = server
        self.mostWaiting = mostWaiting
        redis = server.redis
    }

    var configuration: GateConfiguration { server.rules.configuration }
    /// Whether there is nothing to look at, or nobody to ask.
    var isIdle: Bool { (waiting.isEmpty && inFlight == 0) || !redis.isReady }

    /// Redis has said what a lease's period has used.
    func hear(_ used: Int64, of held: HeldLease) {
        if !held.watch.window.contains(used) { ask(held) { AlertSubject(held) } }
    }

    /// Looks at a total once; what is heard of it meanwhile is looked at by another look after it.
    func ask(_ watcher: any ThresholdWatcher, _ subject: () -> AlertSubject) {
        guard !watcher.watch.isAsking else {
            watcher.watch.isBehind = true
            return
        }
        guard waiting.count < mostWaiting else { return server.metrics.add(.thresholdsPutOff) }
        watcher.watch.isAsking = true
        waiting.append(AlertCall(subject(), queue: self))
        send()
    }

    /// Sends what waits, as far as Redis is there.
    func send() {
        guard redis.isReady else { return }
        while inFlight < Self.mostInFlight, let call = waiting.popFirst() {
            inFlight += 1
            redis.send(call)
        }
    }

    // MARK: - What became of a look

    /// Redis has looked. `crossed` are the crossings that nobody had seen before.
    func looked(_ call: AlertCall, used: Int64, dropped: Int, crossed: [(label: String, direction: String)]) {
        let subject = call.subject
        subject.watcher.watch.looked(at: used, subject.thresholds, of: subject.limit)
        server.metrics.add(.thresholdsCrossed, crossed.count)
        server.metrics.add(.noticesDropped, dropped)
        for crossing in crossed {
            server.log.info(
                "a threshold was crossed",
                metadata: [
                    "tenant": "\(subject.entry.name)", "meter": "\(subject.meter)", "threshold": "\(crossing.label)",
                    "direction": "\(crossing.direction)", "used": "\(used)", "limit": "\(subject.limit)",
                ])
        }
        ended(call)
    }

    /// Redis has another record: what is looked at by that one's limit is heard of once it was read.
    func outdated(_ call: AlertCall) {
        let subject = call.subject
        if subject.entry.versionText == subject.version { server.directory.foundOutdated(subject.entry) }
        subject.watcher.watch.isBehind = false
        ended(call)
    }

    /// Redis did not answer, or not with what it should.
    func failed(_ call: AlertCall, _ reason: String) {
        inFlight -= 1
        call.tries += 1
        guard call.tries < Self.mostTries, waiting.count < mostWaiting else {
            server.log.warning(
                "a threshold could not be looked at",
                metadata: ["tenant": "\(call.subject.entry.name)", "reason": "\(reason)"])
            server.metrics.add(.thresholdsPutOff)
            call.subject.watcher.watch.isAsking = false
            return
        }
        // It goes out again a second later at the most.
        waiting.append(call)
    }

    private func ended(_ call: AlertCall) {
        inFlight -= 1
        let watcher = call.subject.watcher
        watcher.watch.isAsking = false
        if watcher.watch.isBehind {
            watcher.watch.isBehind = false
            ask(watcher) { call.subject.renewed }
        }
        send()
    }
}
