import Foundation

/// The project's files as these tests see them: found from this file's own place, so it does not matter where the tests
/// run.
enum Project {
    static let root = URL(filePath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// A text file, with its path relative to the project.
    struct File {
        let path: String
        let lines: [String]

        var name: String { (path as NSString).lastPathComponent }
        var nameExtension: String { (path as NSString).pathExtension }
        /// `Sources/Gate/Loop.swift` is in `Gate`; nil outside `Sources` and `Tests`.
        var module: String? {
            let parts = path.split(separator: "/")
            return parts.count > 2 && (parts[0] == "Sources" || parts[0] == "Tests") ? String(parts[1]) : nil
        }
    }

    private static let textExtensions: Set = [
        "swift", "lua", "c", "h", "py", "sh", "js", "mjs", "go", "md", "yaml", "yml", "json", "toml", "txt",
        "modulemap", "",
    ]

    /// The text files in these folders, and these files, that exist. Hidden files and what a build leaves are no part
    /// of it.
    static func files(in places: [String]) throws -> [File] {
        try places.flatMap { place in try paths(at: place) }.sorted().compactMap { path in
            guard textExtensions.contains((path as NSString).pathExtension) else { return nil }
            let data = try Data(contentsOf: root.appending(path: path))
            // A program without an extension is no text.
            guard let text = String(data: data, encoding: .utf8) else { return nil }
            var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
            if lines.last == "" { lines.removeLast() }
            return File(path: path, lines: lines)
        }
    }

    private static func paths(at place: String) throws -> [String] {
        let path = root.appending(path: place).path
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else { return [] }
        guard isDirectory.boolValue else { return [place] }
        return try FileManager.default.subpathsOfDirectory(atPath: path).compactMap { below in
            let isSkipped = below.split(separator: "/").contains { $0.hasPrefix(".") || $0 == "node_modules" }
            var isDirectory: ObjCBool = false
            let exists = FileManager.default.fileExists(atPath: "\(path)/\(below)", isDirectory: &isDirectory)
            return isSkipped || !exists || isDirectory.boolValue ? nil : "\(place)/\(below)"
        }
    }
}
