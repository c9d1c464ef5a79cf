/// The widths of a table's columns, for rows that are written one by one: what is long need not be kept to be aligned.
struct TableLayout {
    let columns: [Table.Column]
    private var widths: [Int]

    /// Wide enough for the titles.
    init(_ columns: [Table.Column]) {
        self.columns = columns
        widths = columns.map(\.title.count)
    }

    /// Makes room for a row that will be written.
    mutating func fit(_ cells: [Table.Cell]) {
        for (index, cell) in cells.enumerated() { widths[index] = max(widths[index], cell.text.count) }
    }

    /// The line of titles.
    func titles(_ style: TextStyle) -> String { line(columns.map { Table.Cell($0.title, .strong) }, style) }

    /// A row with its line break. One that there was no room made for is merely not aligned.
    func line(_ cells: [Table.Cell], _ style: TextStyle) -> String {
        var result = ""
        // Spaces wait until a text follows them, so that no line ends in any.
        var spaces = 0
        for (index, cell) in cells.enumerated() {
            let padding = max(0, widths[index] - cell.text.count)
            if columns[index].alignment == .trailing { spaces += padding }
            if !cell.text.isEmpty {
                result += String(repeating: " ", count: spaces) + style.paint(cell.text, cell.tone)
                spaces = 0
            }
            if columns[index].alignment == .leading { spaces += padding }
            spaces += 2
        }
        return result + "\n"
    }
}
