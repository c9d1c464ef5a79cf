import Glibc

/// A terminal on which the same picture is drawn again and again. Nothing has to be put back at its end: whoever ends
/// the program finds the prompt below the last picture.
struct Screen {
    /// Of a terminal that does not say how large it is.
    private static let usualRows = 24

    private let console: Console
    private var isBlank = true

    /// Nil where pictures cannot be drawn over each other.
    init?(_ console: Console) {
        guard console.isLive else { return nil }
        self.console = console
    }

    /// How many lines fit now.
    var rows: Int {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_row > 0 else { return Self.usualRows }
        return Int(size.ws_row)
    }

    /// Draws lines in the place of those before.
    mutating func draw(_ text: String) {
        console.write(Self.picture(text, isFirst: isBlank))
        isBlank = false
    }

    /// The lines from the top left corner on, each erased to its end, and what is below them (ECMA-48 CUP, EL, ED).
    /// Long lines are cut at the edge, not wrapped, while it is drawn (DEC autowrap).
    static func picture(_ text: String, isFirst: Bool) -> String {
        var picture = "\u{1B}[?7l\u{1B}[H" + (isFirst ? "\u{1B}[2J" : "")
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            picture += line + "\u{1B}[K\n"
        }
        return picture + "\u{1B}[J\u{1B}[?7h"
    }
}
