import ArgumentParser
import Ledger
import Testing

@testable import tollgate

@Suite struct `The ledger shown` {
    /// What the command writes for these arguments, without its process.
    private func show(_ fixture: LedgerFixture, _ arguments: String...) throws -> (text: String, isWhole: Bool) {
        let command = try #require(
            try TollgateCommand.parseAsRoot(["ledger", "show"] + arguments) as? LedgerShowCommand)
        var text = ""
        var writer = PieceWriter { text += $0 }
        let reader = try LedgerReader(fixture.path)
        let isWhole = command.write(reader, path: "ledger-0.tgl", TextStyle(isColored: false), to: &writer)
        writer.flush()
        return (text, isWhole)
    }

    private func document(_ fixture: LedgerFixture, _ arguments: String...) throws -> JSONValue {
        let command = try #require(
            try TollgateCommand.parseAsRoot(["ledger", "show", "--json"] + arguments) as? LedgerShowCommand)
        var text = ""
        var writer = PieceWriter { text += $0 }
        _ = command.write(
            try LedgerReader(fixture.path), path: "ledger-0.tgl", TextStyle(isColored: false), to: &writer)
        writer.flush()
        let value = try #require(JSONValue(document: Array(text.utf8)))
        #expect(text == value.document + "\n", "the names are in order")
        return value
    }

    @Test func `a ledger is what it is and a row a slot`() throws {
        let fixture = try LedgerFixture()
        let (text, isWhole) = try show(fixture)
        let reader = try LedgerReader(fixture.path)
        #expect(isWhole)
        #expect(
            text == """
                file         ledger-0.tgl
                holder       \(fixture.holder)
                id           \(reader.id)
                made         \(Timestamp(milliseconds: reader.createdAt / 1000).text)
                mark         open: whole after the death of its process, not after a power loss
                slots        3 used, 1021 free of 1024
                not settled  2

                TENANT  METER     KIND     PERIOD                HOUR                  \
                TOTALS                                       SETTLED  FORMER HOLDER
                acme    messages  lease    2026-07-03T00:00:00Z  -                     \
                granted 20, returned 0, spent 5, reserved 0  no
                acme    messages  usage    2026-07-03T00:00:00Z  2026-07-03T12:00:00Z  \
                consumed 5 (Redis has 3), refunded 0         no
                globex  tokens    decided  2026-07-03T00:00:00Z  2026-07-03T11:00:00Z  \
                decided 7                                    yes

                """)
    }

    @Test(arguments: [
        (["--tenant", "acme"], ["lease", "usage"]), (["--meter", "tokens"], ["decided"]),
        (["--unsettled"], ["lease", "usage"]), (["--tenant", "globex", "--unsettled"], []),
    ])
    func `only what is asked for is shown`(arguments: [String], kinds: [String]) throws {
        let fixture = try LedgerFixture()
        let command = try #require(
            try TollgateCommand.parseAsRoot(["ledger", "show"] + arguments) as? LedgerShowCommand)
        let shown = try LedgerReader(fixture.path).filter { command.filter.takes($0) }
        #expect(shown.map { LedgerText.kind($0.place.kind) } == kinds)
    }

    @Test func `where nothing is to be shown it says so`() throws {
        let (text, isWhole) = try show(try LedgerFixture(), "--tenant", "nobody")
        #expect(isWhole)
        #expect(text.hasSuffix("\n\nno slot to show\n"))
        #expect(text.contains("3 used, 1021 free of 1024"))
    }

    @Test func `rows of a former holder name it`() throws {
        let fixture = try LedgerFixture()
        try fixture.losePower()
        let (text, _) = try show(fixture, "--meter", "tokens")
        #expect(text.hasSuffix("  yes      \(fixture.holder)\n"))
        let entries = try document(fixture)["entries"]?.list
        #expect(entries?.map { $0["current"] } == [.boolean(false), .boolean(false), .boolean(false)])
        #expect(entries?.allSatisfy { $0["holder"] == .text(fixture.holder) } == true)
    }

    @Test func `for programs it is one document`() throws {
        let fixture = try LedgerFixture()
        let value = try document(fixture)
        #expect(value["holder"] == .text(fixture.holder) && value["mark"] == .text("open"))
        #expect(
            value["slots"]?.document == #"{"all":1024,"damaged":0,"free":1021,"unsettled":2,"used":3}"#)
        #expect(value["damaged"] == .list([]))
        #expect(
            value["entries"]?.list?.map(\.document).dropFirst() == [
                """
                {"current":true,"holder":"\(fixture.holder)","hour":"2026-07-03T12:00:00Z","kind":"usage",\
                "meter":"messages","period_start":"2026-07-03T00:00:00Z","settled":false,"tenant":"acme",\
                "totals":{"consumed":5,"refunded":0,"settled_consumed":3,"settled_refunded":0}}
                """,
                """
                {"current":true,"holder":"\(fixture.holder)","hour":"2026-07-03T11:00:00Z","kind":"decided",\
                "meter":"tokens","period_start":"2026-07-03T00:00:00Z","settled":true,"tenant":"globex",\
                "totals":{"decided":7,"settled_decided":7}}
                """,
            ])
        #expect(try document(fixture, "--tenant", "nobody")["entries"] == .list([]))
    }

    @Test func `a damaged slot is said with its place, and the others are shown`() throws {
        let fixture = try LedgerFixture()
        try fixture.damage()
        let (text, isWhole) = try show(fixture)
        #expect(!isWhole)
        #expect(text.contains("slots        2 used, 1021 free of 1024\n"))
        #expect(text.contains("\ndamaged      1\n"))
        #expect(
            text.hasSuffix(
                """

                DAMAGED SLOT  AT BYTE  WHY
                           1   \(fixture.damagedOffset)  its identity is not that of its tenant, meter, period and hour

                """))
        let damaged = try document(fixture)["damaged"]?.list
        #expect(damaged?.count == 1)
        #expect(damaged?.first?["offset"] == .integer(Int64(fixture.damagedOffset)))
    }

    @Test func `long output is written in pieces`() {
        var pieces: [Int] = []
        var writer = PieceWriter { pieces.append($0.utf8.count) }
        for _ in 0..<30_000 { writer.append("12345") }
        writer.flush()
        writer.flush()
        #expect(pieces.reduce(0, +) == 150_000)
        #expect(pieces.count == 3)
    }
}
