/// Rows under titles, columns two spaces apart, for people. Every text is put on one line and made printable.
struct Table {
    enum Alignment {
        case leading
        case trailing
    }

    struct Column {
        let title: String
        let alignment: Alignment

        init(_ title: String, _ alignment: Alignment = .leading) {
            self.title = title
            self.alignment = alignment
        }
    }

    struct Cell {
        let text: String
        let tone: TextStyle.Tone

        init(_ text: String, _ tone: TextStyle.Tone = .plain) {
            self.text = text.printableLine
            self.tone = tone
        }
    }

    let columns: [Column]
    /// Each as long as `columns`.
    let rows: [[Cell]]

    init(_ columns: [Column], rows: [[Cell]]) {
        precondition(rows.allSatisfy { $0.count == columns.count }, "a row has a cell for each column")
        self.columns = columns
        self.rows = rows
    }

    /// Names and values, without titles.
    init(details: [(name: String, value: Cell)]) {
        self.init([Column(""), Column("")], rows: details.map { [Cell($0.name, .faint), $0.value] })
    }

    /// The lines, each with its line break.
    func text(_ style: TextStyle) -> String {
        var layout = TableLayout(columns)
        for row in rows { layout.fit(row) }
        let hasTitles = columns.contains { !$0.title.isEmpty }
        return (hasTitles ? layout.titles(style) : "") + rows.map { layout.line($0, style) }.joined()
    }
}
