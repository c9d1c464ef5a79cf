import TestSupport

@testable import Metering

/// A partition's requests by chance, some of them sensible: beliefs that are true or not, needs, other lives and
/// versions.
struct TwinHistory {
    static let keptUntil: Int64 = 1_799_000_000

    let tenant: String
    var random: SeededRandom
    var store: SyncStore
    private var life: StoreLife?
    private var beliefs: [String: LeaseStatement] = [:]
    private var totals: [String: HourTotals] = [:]
    /// The last refund that had a key.
    private var last: RefundRequest?

    init(tenant: String, random: SeededRandom, settings: LeaseSettings) {
        self.tenant = tenant
        self.random = random
        store = SyncStore(settings: settings)
        store.versions[tenant] = "v1"
        store.levels["seats"] = 20
    }

    /// The partition's part of a call; now and then it names no lease.
    mutating func request(_ call: TwinCall) -> SyncRequest {
        var items: [SyncRequest.Item] = []
        for meter in ["messages", "tokens"] where chance(2) { items.append(item(meter, call.holder)) }
        let isOther = chance(12)
        return SyncRequest(
            holder: call.holder, life: isOther ? nil : life, isFresh: chance(4), isResendComplete: !chance(4),
            notAfter: call.notAfter, sentAt: call.sentAt, items: items)
    }

    /// A refund of some meters, named in the order of the alphabet.
    mutating func refund(_ call: TwinCall) -> RefundRequest {
        var items: [RefundRequest.Item] = []
        for meter in ["messages", "seats", "tokens"] where chance(2) {
            let hours: ClosedRange<Int64> = chance(3) ? 497_000...497_020 : 496_990...497_040
            let place = RefundRequest.Item.Place.counter(period: 1_789_000_000, hours: hours)
            items.append(
                RefundRequest.Item(
                    meter: meter, place: meter == "seats" ? .level : place, amount: .random(in: 1...15, using: &random),
                    limit: 40, isBilled: meter == "tokens"))
        }
        var request = RefundRequest(
            tenant: tenant, version: chance(15) ? "v2" : "v1", holder: call.holder, actor: "uid:1000",
            life: chance(12) ? nil : life, notAfter: call.notAfter, items: items)
        request.isFinal = chance(2)
        request.isUnknown = chance(20)
        if chance(4) {
            let meaning = items.map { "\($0.meter) \($0.amount)" }.joined(separator: " ")
            request.key = RefundRequest.Key("k\(Int.random(in: 0...3, using: &random))", meaning: meaning)
        }
        if let kept = last, chance(6) {
            request.items = kept.items
            request.key = kept.key
        }
        if request.key != nil { last = request }
        return request
    }

    /// Keeps what a refund has told as a ledger would; some replies are lost.
    mutating func learn(_ reply: RefundReply, to request: RefundRequest) {
        guard case .done(let items, _) = reply, !chance(6) else { return }
        for (asked, told) in zip(request.items, items) {
            for hour in told.hours {
                totals["\(request.holder) \(asked.meter) \(hour.hour)", default: HourTotals(hour: hour.hour)].merge(
                    hour)
            }
        }
    }

    mutating func learn(_ reply: SyncReply, to request: SyncRequest) {
        life = reply.life
        for (asked, told) in zip(request.items, reply.items) where !chance(6) {
            beliefs["\(request.holder) \(asked.key.meter)"] = LeaseStatement(
                granted: told.granted, returned: told.returned, spent: told.spent)
        }
    }

    private mutating func chance(_ oneIn: Int) -> Bool { Int.random(in: 0..<oneIn, using: &random) == 0 }

    private mutating func item(_ meter: String, _ holder: String) -> SyncRequest.Item {
        let name = "\(holder) \(meter)"
        var said = beliefs[name] ?? LeaseStatement(granted: 0, returned: 0, spent: 0)
        let rest = said.granted - said.returned - said.spent
        let hour: Int64 = 497_000 + (chance(8) ? 30 : 0)
        var row = totals["\(name) \(hour)"] ?? HourTotals(hour: hour)
        if rest > 0, chance(2) {
            let n = Int64.random(in: 1...rest, using: &random)
            said.spent += n
            row.consumed += n
        } else if rest > 0, chance(3) {
            said.returned += rest
        } else if rest > 0, chance(3) {
            said.reserved = .random(in: 1...rest, using: &random)
            said.reservedFor = .random(in: 1...8_000_000, using: &random)
        }
        if chance(20) { row.decided += 1 }
        if chance(20), row.net > 0 { row.refunded += 1 }
        totals["\(name) \(hour)"] = row
        beliefs[name] = said
        if chance(2) {
            said.need = .random(in: 1...20, using: &random)
            said.needFor = .random(in: 1...2_000_000, using: &random)
        }
        if chance(2) { said.want = .random(in: 1...20, using: &random) }
        let terms = LeaseTerms(
            bound: meter == "tokens" && chance(5) ? -1 : 40, version: chance(15) ? "v2" : "v1",
            isBilled: meter == "tokens", keptUntil: Self.keptUntil)
        return SyncRequest.Item(
            key: LeaseKey(tenant: tenant, meter: meter, period: 1_789_000_000), terms: terms, statement: said,
            hours: chance(10) ? [] : [row])
    }
}
