internal import Logging
internal import RESP
internal import RedisLink

/// Collects the calls of a turn, and sends them at its end: one run of the script for many calls costs Redis a good
/// part less than one for each. Lives on the gate's loop.
final class SpendQueue {
    /// Meters in one run of the script, which nothing interrupts: at most a millisecond of Redis's time. A call with
    /// more goes alone.
    private static let mostMetersTogether = 128
    /// Calls that may wait for Redis. Past it a call fails at once.
    private static let mostCalls = 16_384

    let redis: RedisConnection
    /// The beginning of every command, encoded.
    let scriptCall = RedisConnection.scriptCall(.spend)
    /// The key of the version of all records together, encoded, and that version as last heard.
    let recordsKey: OutputBuffer
    var records = RecordsVersion()
    /// Called before a batch goes out: what it counts on has to be in Redis first.
    var beforeSend: () -> Void = {}
    private var log: ThrottledLog
    private var batch: SpendBatch?
    /// How many calls wait for an answer, those not sent yet included.
    private(set) var waitingCount = 0

    init(redis: RedisConnection, keys: KeySpace, logger: Logger) {
        self.redis = redis
        var key = OutputBuffer()
        key.appendArgument(keys.records)
        recordsKey = key
        log = ThrottledLog(logger: logger)
    }

    func add(_ call: SpendCall) {
        guard redis.isReady, waitingCount < Self.mostCalls else { return call.failed() }
        waitingCount += 1
        if let batch, batch.weight + call.weight > Self.mostMetersTogether { send() }
        let batch = self.batch ?? SpendBatch(queue: self)
        self.batch = batch
        batch.append(call)
    }

    /// Sends what the turn has collected.
    func send() {
        guard let batch else { return }
        self.batch = nil
        beforeSend()
        redis.send(batch)
    }

    /// So many calls got an answer, or never will.
    func ended(_ count: Int) { waitingCount -= count }

    /// Redis answered decisions with an error.
    func couldNotDecide(_ reason: String) { log.warning("Redis could not decide", ["reason": "\(reason)"]) }
}
