import Testing

/// A broken rule at a line of a file; line 0 is the file as a whole.
struct Finding: Equatable, CustomStringConvertible {
    let path: String
    let line: Int
    let rule: String

    var description: String { line > 0 ? "\(path):\(line): \(rule)" : "\(path): \(rule)" }

    /// Fails the current test with one line for each finding.
    static func report(_ findings: [Finding]) {
        for finding in findings { Issue.record("\(finding.description)") }
    }
}
