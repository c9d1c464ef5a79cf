public import Metering
public import RedisLink

/// A ``SyncRequest`` and its reply as `sync.lua` reads and writes them; the script's header states the layout.
public struct SyncWire: Sendable {
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

    /// The keys of a request, all of one partition.
    public func keyNames(_ request: SyncRequest, partition: Int) -> [String] {
        var names = [keys.life(partition), keys.owed(partition)]
        for item in request.items {
            let key = item.key
            names.append(keys.tenant(key.tenant))
            names.append(keys.usage(key.tenant, key.meter, period: key.period))
            for day in days(item) { names.append(keys.day(key.tenant, key.meter, day: day)) }
        }
        return names
    }

    /// The arguments of a request sent on a connection to the Redis of this run id.
    public func arguments(_ request: SyncRequest, run: String, channel: String = "") -> [[UInt8]] {
        var head: [UInt8] = []
        let born = request.life?.born ?? -1
        for number in [
            request.notAfter, request.sentAt, settings.ttl, settings.grace, settings.reservationTTL, born,
            usageRetentionSeconds,
        ] {
            head.append(packing: number)
        }
        head.append(packingShort: request.items.count)
        head.append((request.isFresh ? 1 : 0) + (request.isResendComplete ? 2 : 0))
        for text in [run, request.life?.run ?? "", request.holder, channel] {
            head.append(packingText: Array(text.utf8))
        }
        return [head] + request.items.map(packed)
    }

    /// Reads the script's answer to a request that was sent on a connection to the Redis of this run id; nil if it is
    /// no answer to it.
    public func reply(_ bytes: [UInt8], to request: SyncRequest, run: String) -> SyncReply? {
        bytes.withUnsafeBytes { raw in
            var reader = ScriptAnswer(raw)
            return Self.reply(&reader, to: request, run: run)
        }
    }

    private static func reply(_ reader: inout ScriptAnswer, to request: SyncRequest, run: String) -> SyncReply? {
        guard let born = reader.number(), let now = reader.number(), let flags = reader.byte(),
            reader.short() == request.items.count
        else { return nil }
        var items: [SyncReply.Item] = []
        for asked in request.items {
            guard let item = item(&reader, hours: asked.hours) else { return nil }
            items.append(item)
        }
        guard reader.isAtEnd else { return nil }
        return SyncReply(life: StoreLife(run: run, born: born), isLearning: flags & 1 != 0, now: now, items: items)
    }

    private func days(_ item: SyncRequest.Item) -> [Int64] {
        var days: [Int64] = []
        for hour in item.hours where !days.contains(hour.hour / 24) { days.append(hour.hour / 24) }
        return days
    }

    private func packed(_ item: SyncRequest.Item) -> [UInt8] {
        let said = item.statement
        let days = days(item)
        var bytes: [UInt8] = []
        for number in [
            said.granted, said.returned, said.spent, said.reserved, said.reservedFor, said.need, said.needFor,
            said.want, item.terms.bound, item.terms.keptUntil,
        ] {
            bytes.append(packing: number)
        }
        bytes += [item.terms.isBilled ? 1 : 0, UInt8(days.count)]
        bytes.append(packingShort: item.hours.count)
        bytes.append(packingText: Array(item.terms.version.utf8))
        bytes.append(packingText: Array("\(item.key.meter) \(item.key.tenant)".utf8))
        for hour in item.hours {
            for number in [hour.hour, hour.consumed, hour.refunded, hour.decided] { bytes.append(packing: number) }
            bytes.append(UInt8((days.firstIndex(of: hour.hour / 24) ?? 0) + 1))
        }
        return bytes
    }

    private static func item(_ reader: inout ScriptAnswer, hours: [HourTotals]) -> SyncReply.Item? {
        guard let granted = reader.number(), let returned = reader.number(), let spent = reader.number(),
            let used = reader.number(), let held = reader.number(), let retryAt = reader.number(),
            let verdict = reader.byte().flatMap({ SyncVerdict(rawValue: $0) }), let flags = reader.byte(),
            reader.short() == hours.count
        else { return nil }
        var item = SyncReply.Item(
            granted: granted, returned: returned, spent: spent, used: used, held: held, verdict: verdict,
            retryAt: retryAt, isRecalled: flags & 2 != 0, hasWaiters: flags & 4 != 0, isOtherVersion: flags & 1 != 0)
        for hour in hours {
            guard let consumed = reader.number(), let refunded = reader.number(), let decided = reader.number()
            else { return nil }
            item.hours.append(
                HourTotals(hour: hour.hour, consumed: consumed, refunded: refunded, decided: decided))
        }
        return item
    }
}
