import FoundationEssentials
import Glibc

/// Where a command's words go: results to standard output, everything else to standard error.
struct Console: Sendable {
    /// The process's own.
    static let standard = Console()

    /// For standard output.
    let style: TextStyle
    /// Whether somebody watches standard error, and may be shown progress.
    let showsProgress: Bool
    /// Whether standard output is a terminal on which something can be drawn over.
    let isLive: Bool

    private init() {
        let environment = ProcessInfo.processInfo.environment
        style = TextStyle(isTerminal: isatty(STDOUT_FILENO) == 1, environment: environment)
        // A dumb terminal cannot erase what a spinner draws.
        let isDumb = environment["TERM"] == "dumb"
        showsProgress = isatty(STDERR_FILENO) == 1 && !isDumb
        isLive = isatty(STDOUT_FILENO) == 1 && !isDumb
    }

    /// Writes a result: the document for programs, or the text for people.
    func show(_ document: JSONValue, asJSON: Bool, text: (TextStyle) -> String) {
        write(asJSON ? document.document + "\n" : text(style))
    }

    /// Writes to standard output. A reader that has gone, as in `tollgate tenants | head -1`, had all it wanted: the
    /// command ends there, cleanly.
    func write(_ text: String) {
        let code = Console.write(text, to: STDOUT_FILENO)
        guard code != 0 else { return }
        if code == EPIPE { exit(Outcome.done.rawValue) }
        writeError("tollgate: standard output: \(String(cString: strerror(code)))\n")
        exit(Outcome.fault.rawValue)
    }

    /// Writes to standard error. Where that fails there is nobody left to tell.
    func writeError(_ text: String) { _ = Console.write(text, to: STDERR_FILENO) }

    /// The error's number, or 0.
    private static func write(_ text: String, to descriptor: Int32) -> Int32 {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                // Whoever shares the terminal made it non-blocking: wait until it takes more.
                var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = poll(&entry, 1, -1)
            } else if errno != EINTR {
                return errno
            }
        }
        return 0
    }
}
