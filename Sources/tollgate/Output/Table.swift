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
        let titles = columns.map { Cell($0.title, .strong) }
        let hasTitles = columns.contains { !$0.title.isEmpty }
        let all = hasTitles ? [titles] + rows : rows
        let widths = columns.indices.map { column in all.map { $0[column].text.count }.max() ?? 0 }
        return all.map { line($0, widths: widths, style: style) + "\n" }.joined()
    }

    private func line(_ cells: [Cell], widths: [Int], style: TextStyle) -> String {
        var result = ""
        // Spaces wait until a text follows them, so that no line ends in any.
        var spaces = 0
        for (index, cell) in cells.enumerated() {
            let padding = widths[index] - cell.text.count
            if columns[index].alignment == .trailing { spaces += padding }
            if !cell.text.isEmpty {
                result += String(repeating: " ", count: spaces) + style.paint(cell.text, cell.tone)
                spaces = 0
            }
            if columns[index].alignment == .leading { spaces += padding }
            spaces += 2
        }
        return result
    }
}
