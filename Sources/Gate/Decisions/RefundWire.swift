public import Metering
public import RedisLink

/// A refund as `refund.lua` takes it, and its answer; the script's header states the layout.
public struct RefundWire: Sendable {
    /// The names of the keys.
    public let keys: KeySpace
    /// How long the answer to an idempotency key is kept, in milliseconds.
    public let idempotencyMilliseconds: Int64
    /// How far back the audit stream goes, in milliseconds.
    public let auditMilliseconds: Int64

    /// How far back the audit stream goes where nobody says otherwise: seven years.
    public static let defaultAuditMilliseconds: Int64 = 7 * 365 * 86_400_000

    /// The wire form under these settings.
    public init(
        keys: KeySpace, idempotencyMilliseconds: Int64, auditMilliseconds: Int64 = Self.defaultAuditMilliseconds
    ) {
        self.keys = keys
        self.idempotencyMilliseconds = idempotencyMilliseconds
        self.auditMilliseconds = auditMilliseconds
    }

    /// The keys of a call, in the order in which the script takes them.
    public func keyNames(_ request: RefundRequest) -> [String] {
        let partition = keys.partition(of: request.tenant)
        let space = keys[partition]
        var names = [space.life, space.tenant(request.tenant), space.owed, keys.audit(partition)]
        if let key = request.key { names.append(keys.answer(request.tenant, key: key.name)) }
        for item in request.items {
            switch item.place {
            case .level: names.append(keys.level(request.tenant, item.meter))
            case .counter(let period, _):
                names.append(space.usage(request.tenant, item.meter, period: period))
                for day in days(item) { names.append(space.day(request.tenant, item.meter, day: day)) }
            }
        }
        return names
    }

    /// The argument of a call sent on a connection to the Redis of this run id.
    public func argument(_ request: RefundRequest, run: String) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(packing: request.notAfter)
        bytes.append(packing: request.life?.born ?? -1)
        bytes.append(packing: idempotencyMilliseconds)
        bytes.append(packing: auditMilliseconds)
        let flags = [request.isFinal, request.isUnknown, request.hasCounter, request.key != nil]
        bytes.append(flags.enumerated().reduce(0) { $0 | ($1.element ? 1 << UInt8($1.offset) : 0) })
        bytes.append(packingShort: request.items.count)
        // A life of another run than the one that is asked is over.
        bytes.append(packingText: run)
        bytes.append(packingText: request.version)
        bytes.append(packingText: request.tenant)
        bytes.append(packingText: request.holder)
        bytes.append(packingText: request.actor)
        bytes.append(packingText: keys.recalls(keys.partition(of: request.tenant)))
        let meaning = Array((request.key?.meaning ?? "").utf8)
        withUnsafeBytes(of: UInt32(meaning.count).littleEndian) { bytes.append(contentsOf: $0) }
        bytes.append(contentsOf: meaning)
        for item in request.items {
            var hours: ClosedRange<Int64> = 0...0
            if case .counter(_, let range) = item.place { hours = range }
            bytes.append(item.place == .level ? 3 : 1)
            bytes.append(item.isBilled ? 1 : 0)
            bytes.append(UInt8(days(item).count))
            for number in [item.amount, item.limit, hours.upperBound, hours.lowerBound] {
                bytes.append(packing: number)
            }
            bytes.append(packingText: item.meter)
        }
        return bytes
    }

    /// Reads the script's answer. Nil if it is none to this request.
    public func reply(_ bytes: UnsafeRawBufferPointer, to request: RefundRequest) -> (now: Int64, RefundReply)? {
        var answer = ScriptAnswer(bytes)
        guard let now = answer.number(), let status = answer.byte() else { return nil }
        let reply: RefundReply
        switch status {
        case 0, 8:
            guard let items = Self.items(&answer, count: request.items.count) else { return nil }
            reply = .done(items, isRepeat: status == 8)
        case 1: reply = .late
        case 2: reply = .otherVersion
        case 3: reply = .otherArguments
        case 7: reply = .otherRelease
        case 10: reply = .clipped
        case 11: reply = .learning
        case 12: reply = .unknownTenant
        default: return nil
        }
        return answer.isAtEnd ? (now, reply) : nil
    }

    private static func items(_ answer: inout ScriptAnswer, count: Int) -> [RefundReply.Item]? {
        var items: [RefundReply.Item] = []
        for _ in 0..<count {
            guard let counted = answer.number(), let used = answer.number(), let limit = answer.number() else {
                return nil
            }
            items.append(RefundReply.Item(counted: counted, used: used, limit: limit, hours: []))
        }
        for index in items.indices {
            guard let hours = answer.short() else { return nil }
            for _ in 0..<hours {
                guard let hour = answer.number(), let consumed = answer.number(), let refunded = answer.number()
                else { return nil }
                items[index].hours.append(HourTotals(hour: hour, consumed: consumed, refunded: refunded))
            }
        }
        return items
    }

    /// The UTC days of the item's hours, the newest first.
    private func days(_ item: RefundRequest.Item) -> [Int64] {
        guard case .counter(_, let hours) = item.place else { return [] }
        return (hours.lowerBound / 24...hours.upperBound / 24).reversed()
    }
}
