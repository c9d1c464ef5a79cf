/// Where a setting was read, for errors that can be acted on.
public enum SettingOrigin: Sendable, Equatable, CustomStringConvertible {
    /// A place in a file; line and column count from 1.
    case file(path: String, line: Int, column: Int)
    /// A whole file.
    case wholeFile(path: String)
    /// A variable of the environment.
    case environment(variable: String)

    /// `file:line:column`, the file's path, or the variable's name.
    public var description: String {
        switch self {
        case .file(let path, let line, let column): "\(path):\(line):\(column)"
        case .wholeFile(let path): path
        case .environment(let variable): variable
        }
    }

    /// Problems are listed file by file from the top, and the environment's last.
    var order: (Int, String, Int, Int) {
        switch self {
        case .wholeFile(let path): (0, path, 0, 0)
        case .file(let path, let line, let column): (0, path, line, column)
        case .environment(let variable): (1, variable, 0, 0)
        }
    }
}

/// One thing that is wrong with the settings.
public struct SettingsProblem: Sendable, Equatable, CustomStringConvertible {
    /// Where it stands.
    public let origin: SettingOrigin
    /// What is wrong, and what is allowed.
    public let text: String

    /// Takes its parts as they are.
    public init(_ origin: SettingOrigin, _ text: String) {
        self.origin = origin
        self.text = text
    }

    /// `file:line:column: what is wrong, what is allowed`.
    public var description: String { "\(origin): \(text)" }
}
