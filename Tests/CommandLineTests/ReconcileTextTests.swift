import Testing

@testable import tollgate

@Suite struct ReconcileTextTests {
    private let plain = TextStyle(isColored: false)

    private func document(_ text: String) throws -> JSONValue {
        try #require(JSONValue(document: Array(text.utf8)))
    }

    private func page(_ explanation: String, _ more: String = "") throws -> JSONValue {
        try document(
            """
            {"differences":[{"tenant":"acme","meter":"tokens","hour":"2026-11-01T09:00:00Z","total":100,
            "acknowledged":100,"stripe":40,"difference":60,"explanation":"\(explanation)",
            "detail":"why","fixed":false}],
            "counts":{"\(explanation)":1},"hours":3,"compared":3,"reads":2,"tenants":1,"of":2,"failed":0\(more)}
            """)
    }

    @Test func `differences are a table over what was compared`() throws {
        #expect(
            ReconcileText.text(try page("unknown"), plain) == """
                TENANT  METER   HOUR                  TOTAL  ACKNOWLEDGED  STRIPE  DIFFERENCE  WHY      DETAIL
                acme    tokens  2026-11-01T09:00:00Z    100           100      40          60  unknown  why

                tenants               1
                hours                 3
                compared with Stripe  3
                reads of Stripe       2
                unknown               1

                """)
    }

    @Test func `what passes by itself is no fault, and everything else is`() throws {
        for explanation in ["owed", "in_flight", "summary_lag", "late_row", "dropped"] {
            #expect(!ReconcileText.hasFault(try page(explanation)))
        }
        for explanation in ["no_customer", "blocked", "dead", "unknown", "something newer"] {
            #expect(ReconcileText.hasFault(try page(explanation)))
        }
        #expect(ReconcileText.hasFault(try page("owed", #","stopped":"no reads left""#)))
        #expect(!ReconcileText.hasFault(try document(#"{"counts":{},"failed":0}"#)))
        #expect(ReconcileText.hasFault(try document(#"{"counts":{},"failed":1}"#)))
    }

    @Test func `pages are put together within a bound`() throws {
        var sum = ReconcileSum()
        for _ in 0..<3 { sum.add(try page("owed", #","next":"t:acme""#)) }
        #expect(sum["reads"] == 6 && sum["of"] == 2 && sum.differences == 3)
        #expect(sum.document["differences"]?.list?.count == 3 && sum.document["next"]?.text == "t:acme")
        for _ in 0..<2_000 { sum.add(try page("unknown")) }
        #expect(sum.document["differences"]?.list?.count == ReconcileSum.mostListed)
        #expect(ReconcileText.text(sum.document, plain).contains("and 1003 more\n"))
    }

    @Test func `where a run ended early it says how to go on`() throws {
        let text = ReconcileText.text(try page("owed", #","stopped":"no reads left","next":"t:acme""#), plain)
        #expect(text.hasSuffix("stopped: no reads left: go on with --after t:acme\n"))
    }
}
