internal import Ledger
internal import Metering
internal import RESP
internal import Reactor
internal import RedisLink

/// Hears over Redis's channels that others wait for units or for news, and that a tenant's record has changed.
///
/// It only hastens: a recall is also a mark that every sync sees, and a sync sees another record's version too. So
/// nothing is lost with a message.
final class NewsListener {
    private let redis: RedisConnection
    private unowned(unsafe) let server: GateServer
    /// Since when every change of a record has been heard, on the boot clock; never while not subscribed.
    private(set) var heardSince = Int64.max

    init(server: GateServer) {
        self.server = server
        redis = RedisConnection(loop: server.loop, endpoint: server.redis.endpoint, name: "tollgate-news")
        redis.onPush = { [unowned self] in receive($0) }
        redis.onChange = { [unowned self] isReady, _ in
            heardSince = .max
            guard isReady else { return }
            let keys = server.rules.configuration.keys
            redis.send(Subscription(keys.anyRecalls) {})
            redis.send(Subscription(keys.changes) { [unowned self] in heardSince = server.loop.now })
        }
    }

    func start() { redis.start() }
    func close() { redis.close() }

    /// `pmessage`, pattern, channel, text.
    private func receive(_ reply: RedisReply) {
        guard let kind = reply[0]?.string, kind == "pmessage", let channel = reply[2]?.string,
            let text = reply[3]?.string
        else { return }
        if channel == server.rules.configuration.keys.changes {
            return server.recordChanged(text)
        }
        let book = server.book
        switch text.utf8.first {
        case UInt8(ascii: "r"):
            if let held = held(text.dropFirst()) { book.recall(held) }
        case UInt8(ascii: "w"):
            let words = text.dropFirst().split(separator: " ", maxSplits: 1)
            guard words.count == 2, words[0] == book.ledger.holder else { return }
            if let held = held(words[1]) { book.wake(held) }
        case UInt8(ascii: "t"):
            if let held = held(text.dropFirst()) { book.tell(held) }
        default: break
        }
    }

    /// The lease in memory that is spent from this usage key.
    private func held(_ key: Substring) -> HeldLease? {
        guard let name = server.rules.configuration.keys.usageName(String(key)),
            let entry = server.directory.known(name.tenant)
        else { return nil }
        return entry.leases.lazy.compactMap { $0 }.first { $0.key.meter == name.meter && $0.key.period == name.period }
    }
}

/// Subscribes to the channels of one pattern.
private final class Subscription: RedisCall {
    private let pattern: String
    private let onSubscribed: () -> Void

    init(_ pattern: String, onSubscribed: @escaping () -> Void) {
        self.pattern = pattern
        self.onSubscribed = onSubscribed
    }

    override func completed(_ reply: RedisReply) {
        if reply.errorText == nil { onSubscribed() }
    }

    override func encode(into output: inout OutputBuffer) {
        output.appendCommand(argumentCount: 2)
        output.appendArgument("PSUBSCRIBE")
        output.appendArgument(pattern)
    }
}
