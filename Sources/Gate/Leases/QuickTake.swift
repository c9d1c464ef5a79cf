internal import Glibc
internal import Ledger
internal import Metering
internal import RESP
internal import Reactor
internal import RedisLink

/// The call that most calls are, `TAKE tenant meter [n]` of a counter that fits its lease or needs none, in as few
/// steps as it takes: nothing is copied, allocated or reference-counted. Whatever is unusual about a call is for the
/// general way, which decides by the same rules.
final class QuickTake {
    private let loop: EventLoop
    private let redis: RedisConnection
    private let table: TenantTable
    private let metrics: GateMetrics
    private let book: LeaseBook
    private let ledger: LedgerFile
    private let news: NewsListener
    private var meters: QuickMeters
    private var generation: Int
    private var isOff: Bool

    init(server: GateServer) {
        loop = server.loop
        redis = server.redis
        table = server.directory.table
        metrics = server.metrics
        book = server.book
        ledger = server.book.ledger
        news = server.news
        meters = server.rules.quickMeters
        generation = server.rules.generation
        isOff = server.rules.configuration.confirmsWithRedis
    }

    /// Follows a reload. Before the old rules are let go.
    func follow(_ rules: GateRules) {
        meters = rules.quickMeters
        generation = rules.generation
        isOff = rules.configuration.confirmsWithRedis
    }

    /// Decides the request, whose arguments stand at these places in `bytes` (no amount is 1), and appends the reply.
    /// False if it is for the general way; then nothing has happened.
    func take(
        _ bytes: UnsafeRawBufferPointer, _ command: Range<Int>, tenant: Range<Int>, meter: Range<Int>,
        amount: Range<Int>?, isThree: Bool, to output: inout OutputBuffer
    ) -> Bool {
        guard !isOff, Self.isTake(Self.part(bytes, command)), let meter = meters.index(Self.part(bytes, meter)),
            let amount = amount.map({ Self.amount(Self.part(bytes, $0)) }) ?? 1,
            let entry = table.find(Self.part(bytes, tenant))
        else { return false }
        return entry._withUnsafeGuaranteedRef { entry in
            guard entry.isQuick, entry.catalogueGeneration == generation, let held = entry.quickLeases[meter] else {
                return false
            }
            return held._withUnsafeGuaranteedRef { held in
                guard let used = spend(amount, held, entry.confirmedAt) else { return false }
                let tail = isThree ? held.tailThree : held.tailTwo
                append(used, meters.head(meter, isThree: isThree), tail, to: &output)
                metrics.add(.allowed)
                metrics.add(.decidedByLease)
                return true
            }
        }
    }

    /// Spends the amount if it fits the lease, or needs none. Returns what is used then.
    private func spend(_ amount: Int64, _ held: HeldLease, _ confirmedAt: Int64) -> Int64? {
        let now = loop.now
        guard held.isQuick, held.place >= 0, redis.clock.time(at: now) < held.quickEnd,
            held.lease.isLive(now: now) || isKnown(held, confirmedAt)
        else { return nil }
        // Past the limit another word answers. Below zero it is while what was used is forgotten, and refunds are not.
        let used = held.lease.used + amount
        let limit = held.terms.limit
        guard used >= 0, limit < 0 ? held.takes(amount) : used <= limit else { return nil }
        if held.needsLease {
            guard held.lease.take(amount, now: now) else { return nil }
        } else {
            held.lease.spendAlways(amount, now: now)
            held.store(in: ledger, isSpent: false)
        }
        held.count(amount, in: ledger)
        if held.unsentSince == 0 { held.unsentSince = now }
        book.isLedgerDirty = true
        return used
    }

    /// Whether Redis need not be asked about what cannot be refused.
    private func isKnown(_ held: HeldLease, _ confirmedAt: Int64) -> Bool {
        !held.needsLease && held.lease.expires > 0 && confirmedAt >= news.heardSince
    }

    // MARK: - Bytes

    private static func part(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: bytes[range])
    }

    /// Whether the word is TAKE, in any case.
    private static func isTake(_ word: UnsafeRawBufferPointer) -> Bool {
        guard word.count == 4 else { return false }
        return UInt32(littleEndian: word.loadUnaligned(as: UInt32.self)) & 0xdfdf_dfdf == 0x454b_4154
    }

    /// A whole number from 1 of at most fifteen digits, without a leading zero.
    private static func amount(_ digits: UnsafeRawBufferPointer) -> Int64? {
        guard (1...15).contains(digits.count), digits[0] != UInt8(ascii: "0") else { return nil }
        var value: Int64 = 0
        for byte in digits {
            let digit = Int64(byte) - 48
            guard (0...9).contains(digit) else { return nil }
            value = value &* 10 &+ digit
        }
        return value
    }

    private func append(
        _ used: Int64, _ head: UnsafeRawBufferPointer, _ tail: UnsafeRawBufferPointer, to output: inout OutputBuffer
    ) {
        var digits: (UInt64, UInt64) = (0, 0)
        withUnsafeMutableBytes(of: &digits) { digits in
            var first = 16
            var rest = UInt64(used)
            repeat {
                let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
                first -= 1
                digits[first] = UInt8(truncatingIfNeeded: digit) &+ 48
                rest = quotient
            } while rest > 0
            let length = 16 - first
            output.append(count: head.count + length + tail.count) { room in
                room.withUnsafeMutableBytes { target in
                    guard let start = target.baseAddress, let from = digits.baseAddress,
                        let headStart = head.baseAddress, let tailStart = tail.baseAddress
                    else { return }
                    memcpy(start, headStart, head.count)
                    memcpy(start + head.count, from + first, length)
                    memcpy(start + head.count + length, tailStart, tail.count)
                }
            }
        }
    }
}
