import Glibc

/// A question that a person at the terminal answers before something is done that cannot be undone.
enum Question {
    /// Whether anybody is there to answer.
    static var canBeAnswered: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1 }

    /// Asks, and waits for a line. Only `y` and `yes` are a yes.
    static func ask(_ text: String) -> Bool {
        Console.standard.writeError("\(text) [y/N] ")
        return isYes(readLine() ?? "")
    }

    static func isYes(_ answer: String) -> Bool { ["y", "yes"].contains(answer.lowercased()) }
}
