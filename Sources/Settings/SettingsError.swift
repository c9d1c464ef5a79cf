/// Why settings could not be loaded: every problem that was found, not only the first.
public struct SettingsError: Error, Sendable, Equatable, CustomStringConvertible {
    /// At least one problem, file by file from the top.
    public let problems: [SettingsProblem]

    /// Takes the problems in the order they are to be shown.
    public init(_ problems: [SettingsProblem]) {
        self.problems = problems
    }

    /// One problem a line.
    public var description: String {
        problems.map(\.description).joined(separator: "\n")
    }
}
