import Testing

@testable import tollgate

@Suite struct StripeTextTests {
    private let plain = TextStyle(isColored: false)

    private func document(_ text: String) throws -> JSONValue { try #require(JSONValue(document: Array(text.utf8))) }

    @Test func `dead hours are shown with Stripe's words`() throws {
        let list = try document(
            """
            {"dead":[{"tenant":"acme","meter":"tokens","hour":"2026-11-26T10:00:00Z","total":7,"code":"gone",
            "message":"No such\\ncustomer","request":null,"since":"2026-11-26T11:00:00Z"}],"count":1,"next":null}
            """)
        #expect(
            OutboxListCommand.deadText(list, plain) == """
                TENANT  METER   HOUR                  TOTAL  SINCE                 CODE  REQUEST  STRIPE SAYS
                acme    tokens  2026-11-26T10:00:00Z      7  2026-11-26T11:00:00Z  gone  -        No such customer
                dead hours: 1

                """)
        #expect(OutboxListCommand.deadText(try document(#"{"dead":[],"count":0}"#), plain) == "no dead hours\n")
    }

    @Test func `a setup is shown line by line with what is left to do`() throws {
        let items =
            try document(
                """
                [{"kind":"meter","subject":"meters.a","state":"ok","detail":"fine"},
                {"kind":"meter","subject":"meters.b","state":"create","detail":"a meter"}]
                """
            ).list ?? []
        #expect(
            StripeSetupText.text(items, isApplied: false, plain) == """
                ok      meters.a  fine
                create  meters.b  a meter
                1 in order, 1 to be made; --apply makes what is missing

                """)
        #expect(StripeSetupText.differs(items))
        #expect(!StripeSetupText.differs(Array(items.prefix(1))))
    }

    @Test func `of many warnings the first are shown and the rest are counted`() throws {
        let warnings = (1...25).map { number in
            JSONValue.object([
                "subject": .text("sub_\(number)"), "state": .text("warning"), "detail": .text("not on a full hour"),
            ])
        }
        let text = StripeSetupText.text(warnings, isApplied: false, plain)
        #expect(text.contains("sub_20") && !text.contains("sub_21"))
        #expect(text.contains("and 5 more warnings") && text.contains("25 warnings"))
        #expect(!StripeSetupText.differs(warnings))
    }

    @Test func `a customer's line says tenant, plan and why`() throws {
        let item = try document(
            """
            {"customer":"cus_1","tenant":"acme","plan":"starter","state":"update","detail":"plan free > starter"}
            """)
        #expect(ImportText.line(item, plain) == "update  acme on starter  cus_1  plan free > starter\n")
        let counts: [String: Int64] = ["update": 1, "foreign": 3, "conflict": 0]
        #expect(
            ImportText.summary(counts, notFound: ["cus_9"], isApplied: false) == """
                customers: 1 to be changed, 3 none of ours
                1 in the mapping file and not at Stripe: cus_9
                --apply writes it

                """)
        #expect(ImportText.summary([:], notFound: [], isApplied: true) == "Stripe has no customers\n")
    }

    @Test func `a bar fills up and never overflows`() {
        #expect(ProgressBar.line("work", 0, of: 4) == "work [..............................] 0%")
        #expect(ProgressBar.line("work", 2, of: 4) == "work [###############...............] 50%")
        #expect(ProgressBar.line("work", 9, of: 4) == "work [##############################] 100%")
        #expect(ProgressBar.line("work", 7, of: nil) == "work… 7")
        #expect(ProgressBar.line("work", 7, of: 0) == "work… 7")
    }

    @Test func `only y and yes are a yes`() {
        for answer in ["y", "Y", "yes", "YES"] { #expect(Question.isYes(answer)) }
        for answer in ["", "n", "no", "yeah", " y"] { #expect(!Question.isYes(answer)) }
    }
}

@Suite struct MappingFileTests {
    private func tenants(_ text: String) throws -> [String: String] { try MappingFile(text, name: "map").tenants }

    @Test func `csv and yaml say the same`() throws {
        let wanted = ["cus_1": "acme", "cus_2": "a:b"]
        #expect(try tenants("customer,tenant\r\ncus_1,acme\r\n\"cus_2\",\"a:b\"\r\n") == wanted)
        #expect(try tenants("---\n# ours\n\ncus_1: acme\n'cus_2': a:b") == wanted)
        #expect(try tenants("") == [:])
        #expect(try tenants("cus_1: acme\ncus_1: acme") == ["cus_1": "acme"])
    }

    @Test(arguments: [
        "nonsense", "cus_1", "cus_1:", "cus_1, ", ",acme", "sub_1,acme", "cus_1,a\ncus_1,b", "cus_1,a\ncustomer,b",
    ])
    func `a wrong line is an error that names it`(text: String) {
        let line = text.split(separator: "\n").count
        #expect { try tenants(text) } throws: { error in
            let failure = error as? CommandFailure
            return failure?.outcome == .usage && failure?.message.hasPrefix("map:\(line): ") == true
        }
    }

    @Test func `a file beyond what a request takes is refused with what to do`() {
        let many = (0...MappingFile.mostCustomers).map { "cus_\($0),t" }.joined(separator: "\n")
        let large = "cus_1," + String(repeating: "x", count: MappingFile.largest)
        for text in [many, large] {
            #expect { try tenants(text) } throws: { "\($0)".contains("split it") }
        }
    }
}
