public import Metering
public import RedisLink

/// What one holder says to partitions of one Redis in one call of `sync.lua`, and what comes back; the script's header
/// states the layout.
///
/// A call has one request at least, and all of them come from one holder and carry the same `notAfter` and `sentAt`. On
/// a cluster a call has one, since a script must stay in one slot.
public struct SyncWire: Sendable {
    /// A request and the partition it is for.
    public typealias Part = (partition: Int, request: SyncRequest)

    /// The names of the keys.
    public let keys: KeySpace
    /// How long leases last.
    public let settings: LeaseSettings
    /// How long the totals of a day are kept beyond it, in seconds.
    public let usageRetentionSeconds: Int64

    /// The wire form under these settings.
    public init(keys: KeySpace, settings: LeaseSettings, usageRetentionSeconds: Int64) {
        self.keys = keys
        self.settings = settings
        self.usageRetentionSeconds = usageRetentionSeconds
    }

    /// The keys of a call, in the order in which the script takes them.
    public func keyNames(_ requests: [Part]) -> [String] {
        var names: [String] = []
        names.reserveCapacity(requests.reduce(0) { $0 + 2 + 3 * $1.request.items.count })
        for (partition, request) in requests {
            let space = keys[partition]
            names.append(space.life)
            names.append(space.owed)
            for item in request.items {
                let key = item.key
                names.append(space.tenant(key.tenant))
                names.append(space.usage(key.tenant, key.meter, period: key.period))
                for day in days(item) { names.append(space.day(key.tenant, key.meter, day: day)) }
            }
        }
        return names
    }

    /// The arguments of a call sent on a connection to the Redis of this run id.
    public func arguments(_ requests: [Part], run: String) -> [[UInt8]] {
        guard let first = requests.first?.request else { return [] }
        var head: [UInt8] = []
        head.append(packing: first.notAfter)
        head.append(packing: first.sentAt)
        head.append(packing: settings.ttl)
        head.append(packing: settings.grace)
        head.append(packing: settings.reservationTTL)
        head.append(packing: usageRetentionSeconds)
        head.append(packingShort: requests.count)
        head.append(packingText: run)
        head.append(packingText: first.holder)
        var arguments = [head]
        arguments.reserveCapacity(requests.reduce(1) { $0 + 1 + $1.request.items.count })
        for (partition, request) in requests {
            arguments.append(packedHead(request, recalls: keys[partition].recalls))
            for item in request.items { arguments.append(packed(item)) }
        }
        return arguments
    }

    /// Reads the script's answer to a call that was sent on a connection to the Redis of this run id: one reply to each
    /// request, in their order. Nil if it is no answer to them.
    public func replies(_ bytes: UnsafeRawBufferPointer, to requests: [Part], run: String) -> [SyncReply]? {
        var reader = ScriptAnswer(bytes)
        guard let now = reader.number() else { return nil }
        var replies: [SyncReply] = []
        replies.reserveCapacity(requests.count)
        for (_, request) in requests {
            guard let born = reader.number(), let flags = reader.byte(), reader.short() == request.items.count
            else { return nil }
            var reply = SyncReply(
                life: StoreLife(run: run, born: born), isLearning: flags & 1 != 0, now: now, items: [])
            reply.items.reserveCapacity(request.items.count)
            for asked in request.items {
                guard let item = Self.item(&reader, hours: asked.hours) else { return nil }
                reply.items.append(item)
            }
            replies.append(reply)
        }
        return reader.isAtEnd ? replies : nil
    }

    /// The UTC days of the item's hours, in the order in which they are named first.
    private func days(_ item: SyncRequest.Item) -> [Int64] {
        var days: [Int64] = []
        for hour in item.hours where days.last != hour.hour / 24 && !days.contains(hour.hour / 24) {
            days.append(hour.hour / 24)
        }
        return days
    }

    private func packedHead(_ request: SyncRequest, recalls: String) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(packing: request.life?.born ?? -1)
        bytes.append((request.isFresh ? 1 : 0) + (request.isResendComplete ? 2 : 0))
        bytes.append(packingShort: request.items.count)
        bytes.append(packingText: request.life?.run ?? "")
        bytes.append(packingText: recalls)
        return bytes
    }

    private func packed(_ item: SyncRequest.Item) -> [UInt8] {
        let said = item.statement
        let key = item.key
        let days = days(item)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(128 + key.tenant.utf8.count + key.meter.utf8.count + 33 * item.hours.count)
        bytes.append(packing: said.granted)
        bytes.append(packing: said.returned)
        bytes.append(packing: said.spent)
        bytes.append(packing: said.reserved)
        bytes.append(packing: said.reservedFor)
        bytes.append(packing: said.need)
        bytes.append(packing: said.needFor)
        bytes.append(packing: said.want)
        bytes.append(packing: item.terms.bound)
        bytes.append(packing: item.terms.keptUntil)
        bytes.append((item.terms.isBilled ? 1 : 0) + (item.terms.isEndless ? 2 : 0))
        bytes.append(UInt8(days.count))
        bytes.append(packingShort: item.hours.count)
        bytes.append(packingText: item.terms.version)
        bytes.append(UInt8(key.meter.utf8.count + 1 + key.tenant.utf8.count))
        bytes.append(contentsOf: key.meter.utf8)
        bytes.append(UInt8(ascii: " "))
        bytes.append(contentsOf: key.tenant.utf8)
        for hour in item.hours {
            bytes.append(packing: hour.hour)
            bytes.append(packing: hour.consumed)
            bytes.append(packing: hour.refunded)
            bytes.append(packing: hour.decided)
            bytes.append(UInt8((days.firstIndex(of: hour.hour / 24) ?? 0) + 1))
        }
        return bytes
    }

    private static func item(_ reader: inout ScriptAnswer, hours: [HourTotals]) -> SyncReply.Item? {
        guard let granted = reader.number(), let returned = reader.number(), let spent = reader.number(),
            let used = reader.number(), let held = reader.number(), let reserved = reader.number(),
            let retryAt = reader.number(),
            let verdict = reader.byte().flatMap({ SyncVerdict(rawValue: $0) }), let flags = reader.byte(),
            let holders = reader.short(), reader.short() == hours.count
        else { return nil }
        var item = SyncReply.Item(
            granted: granted, returned: returned, spent: spent, used: used, held: held, reserved: reserved,
            holders: holders,
            verdict: verdict, retryAt: retryAt, isRecalled: flags & 2 != 0, hasWaiters: flags & 4 != 0,
            isOtherVersion: flags & 1 != 0)
        for hour in hours {
            guard let consumed = reader.number(), let refunded = reader.number(), let decided = reader.number()
            else { return nil }
            item.hours.append(
                HourTotals(hour: hour.hour, consumed: consumed, refunded: refunded, decided: decided))
        }
        return item
    }
}
