internal import Ledger
internal import Metering
internal import RESP
internal import Reactor
internal import RedisLink

/// Hears over Redis's channels that others wait for units, and that a tenant's record has changed.
///
/// It only hastens: a recall is also a mark that every sync sees, and a sync sees another record's version too. So
/// nothing is lost with a message.
final class NewsListener {
    private let redis: RedisConnection
    private unowned(unsafe) let server: GateServer

    init(server: GateServer, endpoint: RedisEndpoint) {
        self.server = server
        redis = RedisConnection(loop: server.loop, endpoint: endpoint, name: "tollgate-news")
        redis.onPush = { [unowned self] in receive($0) }
        redis.onChange = { [unowned self] isReady, _ in
            guard isReady else { return }
            let keys = server.rules.configuration.keys
            redis.send(Subscription(keys.anyRecalls))
            redis.send(Subscription(keys.changes))
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

    init(_ pattern: String) {
        self.pattern = pattern
    }

    override func encode(into output: inout OutputBuffer) {
        output.appendCommand(argumentCount: 2)
        output.appendArgument("PSUBSCRIBE")
        output.appendArgument(pattern)
    }
}
