import TestSupport
import Testing

@testable import Metering

struct GrantTests {
    private static let day: Int64 = 86_400

    private func period(_ number: Int64) -> Period {
        Period(start: number * Self.day, end: (number + 1) * Self.day, exactStart: number * Self.day)
    }

    private func grant(
        _ id: String, _ units: Int64, expires: Int64, base: Int64 = 0, in number: Int64 = 0
    ) -> Grant {
        Grant(
            id: id, meter: "messages", units: units, givenAt: number * Self.day, expires: expires, by: "uid:0",
            reason: "a test", period: period(number), base: base)
    }

    @Test func `what expires first is drawn first`() {
        let book = GrantBook([grant("late", 50, expires: 900), grant("soon", 20, expires: 500)])
        #expect(book.grants.map(\.id) == ["soon", "late"])
        #expect(book.draws(in: 0, used: 0) == [0: 0, 1: 0])
        #expect(book.draws(in: 0, used: 15) == [0: 15, 1: 0])
        #expect(book.draws(in: 0, used: 60) == [0: 20, 1: 40])
        #expect(book.draws(in: 0, used: 1000) == [0: 20, 1: 50])
    }

    @Test func `what was used before a grant draws nothing from it`() {
        let book = GrantBook([grant("late", 50, expires: 900), grant("soon", 20, expires: 500, base: 30)])
        // The first 30 were there for the late one alone; of the next 20 the soon one comes first.
        #expect(book.draws(in: 0, used: 30) == [0: 0, 1: 30])
        #expect(book.draws(in: 0, used: 45) == [0: 15, 1: 30])
        #expect(book.draws(in: 0, used: 60) == [0: 20, 1: 40])
        #expect(book.draws(in: 0, used: 20) == [0: 0, 1: 20])
    }

    @Test func `a grant that was taken back keeps what it was drawn by, and its place`() {
        var soon = grant("soon", 20, expires: 500)
        let late = grant("late", 50, expires: 900)
        var revoked = late
        revoked.revokedAt = 100
        var book = GrantBook([soon, revoked])
        book.settle(at: 100, in: period(0), newest: period(0)) { _ in 30 }
        #expect(book.grants.map(\.drawn) == [nil, 10])
        #expect(book.grants.map { $0.allowance(in: 0, at: 100) } == [20, 10])
        // It had drawn nothing: nothing stays of it.
        book = GrantBook([soon, revoked])
        book.settle(at: 100, in: period(0), newest: period(0)) { _ in 20 }
        #expect(book.grants.map(\.id) == ["soon"])
        soon.revokedAt = 100
        book = GrantBook([soon, late])
        book.settle(at: 100, in: period(0), newest: period(0)) { _ in 30 }
        #expect(book.grants.map(\.drawn) == [20, nil])
        #expect(book.draws(in: 0, used: 45) == [0: 20, 1: 25])
    }

    @Test func `an ended grant lifts nothing until it is settled, and then by what it was drawn by`() {
        let one = grant("a", 50, expires: 500, base: 40)
        #expect(one.allowance(in: 0, at: 499) == 50)
        #expect(one.allowance(in: 0, at: 500) == 0)
        #expect(one.allowance(in: Self.day, at: 499) == 0)
        var book = GrantBook([one])
        book.settle(at: 499, in: period(0), newest: period(0)) { _ in 70 }
        #expect(book.grants[0].drawn == nil)
        book.settle(at: 500, in: period(0), newest: period(0)) { _ in 70 }
        #expect(book.grants[0].drawn == 30)
        #expect(book.grants[0].allowance(in: 0, at: 500) == 30)
        // More is used meanwhile: settled is settled.
        book.settle(at: 600, in: period(0), newest: period(0)) { _ in 90 }
        #expect(book.grants[0].drawn == 30)
    }

    @Test func `what is left goes over into the next period, once it is known`() {
        var book = GrantBook([grant("a", 50, expires: 9 * Self.day, base: 40)])
        // A period that has begun, and is not looked at yet.
        book.settle(at: Self.day - 1, in: period(0), newest: period(1)) { _ in 70 }
        #expect(book.grants[0].periodStart == 0 && book.grants[0].remaining == 50)
        #expect(book.grants[0].allowance(in: Self.day, at: Self.day + 1) == 0)
        book.settle(at: Self.day, in: period(1), newest: period(1)) { $0 == 0 ? 70 : 5 }
        #expect(book.grants[0].remaining == 20 && book.grants[0].base == 0)
        #expect(book.grants[0].periodStart == Self.day && book.grants[0].periodEnd == 2 * Self.day)
        #expect(book.grants[0].allowance(in: Self.day, at: Self.day + 1) == 20)
        book.settle(at: 2 * Self.day, in: period(2), newest: period(2)) { _ in 20 }
        #expect(book.grants.isEmpty)
    }

    @Test func `a grant of the period that has just begun is left alone while the one before is settled`() {
        let old = grant("old", 50, expires: 9 * Self.day)
        let new = grant("new", 10, expires: 8 * Self.day, base: 3, in: 1)
        var book = GrantBook([old, new])
        book.settle(at: Self.day - 1, in: period(0), newest: period(1)) { _ in 4 }
        #expect(book == GrantBook([old, new]))
        book.settle(at: Self.day, in: period(1), newest: period(1)) { $0 == 0 ? 4 : 9 }
        #expect(book.grants.map(\.remaining) == [10, 46])
        #expect(book.draws(in: Self.day, used: 9) == [0: 6, 1: 3])
    }

    @Test func `what ends with its period is dropped with it`() {
        var book = GrantBook([grant("a", 50, expires: Self.day)])
        book.settle(at: Self.day, in: period(1), newest: period(1)) { _ in 20 }
        #expect(book.grants.isEmpty)
    }

    /// Random grants, usage, expiry, revocation and settling over many periods, against a plain count of what could be
    /// drawn at most.
    @Test(arguments: 0..<200 as Range<UInt64>)
    func `no grant ever gives more than its units, and none is drawn before an earlier one`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var book = GrantBook([])
        var units: [String: Int64] = [:]
        var spent: [String: Int64] = [:]
        var number: Int64 = 0
        var used: Int64 = 0
        for step in 0..<200 {
            let now = number * Self.day + Int64(step)
            switch Int.random(in: 0..<6, using: &random) {
            case 0:
                let id = "g\(step)"
                let size = Int64.random(in: 1...40, using: &random)
                let expires = now + Int64.random(in: 1...(3 * Self.day), using: &random)
                units[id] = size
                book = GrantBook(book.grants + [grant(id, size, expires: expires, base: used, in: number)])
            case 1, 2: used += Int64.random(in: 0...30, using: &random)
            case 3:
                var grants = book.grants
                guard let index = grants.indices.randomElement(using: &random) else { break }
                if grants[index].isActive(at: now) { grants[index].revokedAt = now }
                book = GrantBook(grants)
            case 4: book.settle(at: now, in: period(number), newest: period(number)) { _ in used }
            default:
                for (place, drawn) in book.draws(in: number * Self.day, used: used) {
                    spent[book.grants[place].id, default: 0] += drawn
                }
                let last = used
                number += 1
                used = Int64.random(in: 0...10, using: &random)
                book.settle(at: number * Self.day, in: period(number), newest: period(number)) {
                    $0 == number * Self.day ? used : last
                }
            }
            let draws = book.draws(in: number * Self.day, used: used)
            #expect(draws.values.reduce(0, +) <= used)
            for (place, drawn) in draws {
                let grant = book.grants[place]
                let capacity = units[grant.id] ?? 0
                #expect(drawn >= 0 && (spent[grant.id] ?? 0) + drawn <= capacity)
                #expect((spent[grant.id] ?? 0) + grant.allowance(in: number * Self.day, at: now) <= capacity)
                // Whoever has something left stands before those who were drawn while it was there.
                guard grant.drawn == nil, drawn < grant.remaining, grant.base < used else { continue }
                for later in book.grants.indices.dropFirst(place + 1) where book.grants[later].base >= grant.base {
                    #expect(book.grants[later].drawn ?? draws[later] ?? 0 == 0 || book.grants[later].drawn != nil)
                }
            }
        }
    }

    @Test func `a stored grant is read back as it was`() throws {
        var one = grant("g1", 50, expires: 900, base: 3)
        one.remaining = 20
        #expect(Grant(id: "g1", text: one.text) == one)
        one.drawn = 7
        one.revokedAt = 800
        #expect(Grant(id: "g1", text: one.text) == one)
        var tenant = Tenant(id: "acme", plan: "starter", createdAt: 1)
        tenant.grants = [one]
        tenant.limits["messages"] = LimitOverride(5, until: 99, by: "uid:1", reason: "why not", setAt: 9)
        tenant.restriction = Restriction("fraud", until: 77, by: "uid:2", setAt: 8)
        #expect(try Tenant(id: "acme", version: 0, fields: tenant.fields) == tenant)
        #expect(tenant.fields["grants_due"] == String(Self.day) && tenant.fields["limit.messages"] == "5")
    }

    @Test(arguments: [
        "1 messages 50", "1 messages 50 50 0 900 0 86400 0 - - uid:0", "1 Messages 50 50 0 900 0 86400 0 - - uid:0 x",
        "1 messages x 50 0 900 0 86400 0 - - uid:0 x", "1 messages 50 -1 0 900 0 86400 0 - - uid:0 x",
        "1 messages 50 50 0 900 0 86400 0 -5 - uid:0 x",
    ])
    func `a grant that tollgate cannot have written is named`(text: String) {
        #expect {
            try Tenant(id: "a", version: 0, fields: ["plan": "p", "created_at": "1", "grant.g1": text])
        } throws: { error in
            (error as? TenantRecordError)?.field == "grant.g1"
        }
    }

    @Test func `a grant of another release's form is left alone`() throws {
        let fields = ["plan": "p", "created_at": "1", "grant.g1": "2 whatever", "limit_until.gone": "7"]
        let tenant = try Tenant(id: "a", version: 0, fields: fields)
        #expect(tenant.grants.isEmpty && tenant.limits.isEmpty)
    }
}
