import Testing

@testable import tollgate

@Suite struct `The busiest tenants` {
    private let plain = TextStyle(isColored: false)

    private func document(_ text: String) throws -> JSONValue { try #require(JSONValue(document: Array(text.utf8))) }

    private func answer(at clock: Int, byLease: Int, syncs: Int) throws -> JSONValue {
        try document(
            """
            {"leases":[{"tenant":"acme","meter":"messages","used":950,"limit":1000,"percent":95,"rate":40,"unspent":3,
            "threshold":"80%","unsettled":2,"waiting":1,"mode":"hard","period_end":"2026-12-01T00:00:00Z"},
            {"tenant":"globex","meter":"tokens","used":123456,"limit":-1,"percent":null,"rate":1200,"unspent":0,
            "unsettled":70,"waiting":0,"mode":"hard","period_end":"2026-12-10T09:00:00Z"}],
            "seen":2,"cut":false,"clock_us":\(clock),"gate":{"decided_by_lease":\(byLease),"decided_by_redis":7,
            "decided_by_policy":0,"allowed":\(byLease),"refused":0,"requests":9,"syncs":\(syncs),"waiting":1,
            "redis_connected":1,"unsettled_units":72,"unsettled_age_ms":120,"leases":2,"ledger_slots":1000,
            "ledger_slots_used":55,"learning_partitions":0}}
            """)
    }

    @Test func `are a table under what the gate does in a second`() throws {
        let later = try answer(at: 3_000_000, byLease: 2500, syncs: 7)
        let top = TopRates.adding(to: later, since: try answer(at: 1_000_000, byLease: 100, syncs: 2))
        #expect(
            TopText.text(top, plain) == """
                decided/s   1200 by lease, 0 by Redis, 0 by policy
                answered/s  1200 allowed, 0 refused; 1 waiting now
                Redis       connected; 2.5 syncs/s, 72 units unsettled, the oldest for 120ms
                leases      2 in memory; ledger 5% of 1000 slots

                TENANT  METER       USED      LIMIT  PERCENT  PAST  RATE/S  UNSPENT  UNSETTLED  WAITING  PERIOD ENDS
                acme    messages     950       1000      95%   80%      40        3          2        1  \
                2026-12-01T00:00:00Z
                globex  tokens    123456  unlimited        -     -    1200        0         70        0  \
                2026-12-10T09:00:00Z

                """)
    }

    @Test func `have no rates before the second look, or after the daemon began anew`() throws {
        let first = try answer(at: 3_000_000, byLease: 100, syncs: 1)
        for earlier in [nil, first, try answer(at: 1_000_000, byLease: 5000, syncs: 1)] {
            let top = TopRates.adding(to: first, since: earlier)
            #expect(top["per_second"] == nil)
            #expect(TopText.text(top, plain).hasPrefix("decided/s   - by lease, - by Redis, - by policy\n"))
        }
    }

    @Test func `are said to be none, or more than were looked at, and trouble is named`() throws {
        let none = try document(#"{"leases":[],"seen":0,"cut":false,"gate":{"learning_partitions":3}}"#)
        let text = TopText.text(none, plain)
        #expect(text.contains("Redis       not connected; - syncs/s, 0 units unsettled\n"))
        #expect(text.contains("learning    3 partitions of Redis: they grant nothing\n"))
        #expect(text.hasSuffix("\nno leases: nothing has been taken from a counter lately\n"))
        let cut = try document(#"{"leases":[{"tenant":"a"}],"seen":200000,"cut":true,"gate":{}}"#)
        #expect(TopText.text(cut, plain).hasSuffix("\nlooked at 200000 leases; there are more\n"))
    }

    @Test func `are drawn over what was there before`() {
        #expect(
            Screen.picture("a\n\nb\n", isFirst: false)
                == "\u{1B}[?7l\u{1B}[Ha\u{1B}[K\n\u{1B}[K\nb\u{1B}[K\n\u{1B}[J\u{1B}[?7h")
        #expect(Screen.picture("", isFirst: true) == "\u{1B}[?7l\u{1B}[H\u{1B}[2J\u{1B}[J\u{1B}[?7h")
    }
}
