import Testing

@testable import tollgate

@Suite struct `Output` {
    private let plain = TextStyle(isColored: false)

    @Test func `a table aligns its columns and leaves no space at a line's end`() {
        let table = Table(
            [.init("METER"), .init("USED", .trailing), .init("MODE")],
            rows: [[.init("messages"), .init("5"), .init("")], [.init("m"), .init("12345"), .init("hard")]])
        #expect(
            table.text(plain) == """
                METER      USED  MODE
                messages      5
                m         12345  hard

                """)
    }

    @Test func `colour does not move the columns`() {
        let table = Table([.init("A"), .init("B")], rows: [[.init("x", .bad), .init("y")]])
        #expect(
            table.text(TextStyle(isColored: true))
                == "\u{1B}[1mA\u{1B}[0m  \u{1B}[1mB\u{1B}[0m\n\u{1B}[31mx\u{1B}[0m  y\n")
    }

    @Test func `details have no line of titles`() {
        #expect(
            Table(details: [("plan", .init("starter")), ("id", .init("acme"))]).text(plain) == """
                plan  starter
                id    acme

                """)
    }

    @Test func `control characters from elsewhere do not reach the terminal`() {
        #expect(Table.Cell("a\u{1B}[31mb\nc\u{7F}\u{9B}").text == "a\u{FFFD}[31mb c\u{FFFD}\u{FFFD}")
        #expect("a\nb\r".printable == "a\nb\u{FFFD}")
    }

    @Test(
        arguments: [
            (true, [:], true), (false, [:], false), (true, ["NO_COLOR": "1"], false), (true, ["NO_COLOR": ""], true),
            (true, ["TERM": "dumb"], false),
        ] as [(Bool, [String: String], Bool)])
    func `colour is for terminals without NO_COLOR`(isTerminal: Bool, environment: [String: String], isColored: Bool) {
        #expect(TextStyle(isTerminal: isTerminal, environment: environment).isColored == isColored)
    }

    @Test func `a document keeps every number and orders its names`() throws {
        let text = #"{"a":[1,2.5,null,true],"b":{"x":"é/\n"},"n":999999999999999}"#
        let value = try #require(JSONValue(document: Array(text.utf8)))
        #expect(value.document == text)
        #expect(value["n"]?.integer == 999_999_999_999_999)
        #expect(value["missing"] == nil)
        #expect(JSONValue(document: Array("{".utf8)) == nil)
        #expect(JSONValue(document: []) == nil)
    }

    @Test func `a value in words`() {
        let value = JSONValue.object(["b": .list([.integer(1), .text("x")]), "a": .boolean(true), "c": .list([])])
        #expect(value.words == "a=yes, b=1, x, c=-")
    }
}
