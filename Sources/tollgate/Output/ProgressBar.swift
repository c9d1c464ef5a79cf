/// Shows on a terminal's last line how far long work has come. Writes nothing when nobody watches.
struct ProgressBar {
    private static let width = 30
    /// Goes to the line's beginning and erases it (ECMA-48 EL).
    private static let erase = "\r\u{1B}[K"

    let console: Console
    /// What is being done: "reading customers".
    let label: String

    /// Draws how much is done, of how much if that is known, and what there is to say of it.
    func show(_ done: Int64, of total: Int64? = nil, _ words: String = "") {
        guard console.showsProgress else { return }
        console.writeError(Self.erase + Self.line(label, done, of: total) + (words.isEmpty ? "" : " \(words)"))
    }

    /// Takes it away, so that the line is free for what comes.
    func clear() {
        guard console.showsProgress else { return }
        console.writeError(Self.erase)
    }

    /// The line without its end.
    static func line(_ label: String, _ done: Int64, of total: Int64?) -> String {
        guard let total, total > 0 else { return "\(label)… \(done)" }
        let share = Double(min(max(0, done), total)) / Double(total)
        let filled = Int(share * Double(width))
        let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled)
        return "\(label) [\(bar)] \(Int(share * 100))%"
    }
}
