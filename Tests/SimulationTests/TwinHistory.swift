import TestSupport

@testable import Metering

/// Requests by chance, some of them sensible: beliefs that are true or not, needs, late ones, other lives and versions.
struct TwinHistory {
    static let keptUntil: Int64 = 1_799_000_000

    var random: SeededRandom
    var store: SyncStore
    private var life: StoreLife?
    private var run = "run1"
    private var beliefs: [String: LeaseStatement] = [:]
    private var totals: [String: HourTotals] = [:]
    private var clock: Int64 = 0

    init(random: SeededRandom, settings: LeaseSettings) {
        self.random = random
        store = SyncStore(settings: settings)
    }

    /// How much later the next request comes by Redis's clock.
    mutating func pause() -> Int64 {
        switch Int.random(in: 0..<40, using: &random) {
        case 0: -60_000_000
        case 1: 60_000_000
        case 2...3: 7_000_000
        default: .random(in: 1...900_000, using: &random)
        }
    }

    mutating func request() -> (SyncRequest, run: String) {
        if chance(50) { run = "run\(Int.random(in: 1...3, using: &random))" }
        clock += .random(in: -100...1000, using: &random)
        let holder = "h\(Int.random(in: 0...2, using: &random))"
        var items: [SyncRequest.Item] = []
        for meter in ["messages", "tokens"] where chance(2) { items.append(item(meter, holder)) }
        let isOther = chance(12)
        let request = SyncRequest(
            holder: holder, life: isOther ? nil : life, isFresh: chance(4), isResendComplete: !chance(4),
            notAfter: chance(15) ? 1 : 9_000_000_000_000_000, sentAt: clock, items: items)
        return (request, run)
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
            key: LeaseKey(tenant: "acme", meter: meter, period: 1_789_000_000), terms: terms, statement: said,
            hours: chance(10) ? [] : [row])
    }
}
