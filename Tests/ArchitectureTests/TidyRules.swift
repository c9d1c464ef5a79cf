/// What the compiler and the formatter do not check. Each rule takes one file.
enum TidyRules {
    static let maxFileLines = 500
    static let maxFunctionLines = 100
    static let maxLineLength = 120

    private static let codeExtensions: Set = ["swift", "lua", "c", "h", "py", "sh", "js", "mjs", "go"]

    /// Text that code must not hold. The words are put together here so that this file does not hold them itself.
    private static let forbidden: [(text: String, extensions: Set<String>, rule: String)] = [
        ("TO" + "DO", codeExtensions, "open work does not stand in the code"),
        ("FIX" + "ME", codeExtensions, "open work does not stand in the code"),
        ("try" + "!", ["swift"], "an error is handled or thrown on"),
        ("fatal" + "Error(", ["swift"], "a peer's mistake is answered; our own is a precondition"),
    ]

    private static let emptyNames = ["Utils", "Util", "Utilities", "Helpers", "Helper", "Manager", "Common"]

    /// The rules for code: sizes, words and names.
    static func findings(in file: Project.File) -> [Finding] {
        sizes(file) + words(file) + names(file) + leadingComment(file)
    }

    /// No path of the machine on which somebody worked.
    static func machinePaths(in file: Project.File) -> [Finding] {
        let roots = ["/wo" + "rk/", "/tm" + "p/"]
        return everyLine(of: file) { line in
            roots.first { line.contains($0) }.map { "\($0) is a path of one machine" }
        }
    }

    private static func sizes(_ file: Project.File) -> [Finding] {
        guard codeExtensions.contains(file.nameExtension) else { return [] }
        let long = everyLine(of: file) { line in
            line.count > maxLineLength ? "\(line.count) columns; a line has up to \(maxLineLength)" : nil
        }
        let functions = file.nameExtension == "swift" ? functionLengths(file.lines) : []
        let big = functions.filter { $0.length > maxFunctionLines }.map {
            Finding(
                path: file.path, line: $0.line,
                rule: "a function of \($0.length) lines; it has up to \(maxFunctionLines)")
        }
        guard file.lines.count > maxFileLines else { return long + big }
        let rule = "\(file.lines.count) lines; a file has up to \(maxFileLines)"
        return long + big + [Finding(path: file.path, line: file.lines.count, rule: rule)]
    }

    /// Functions with a body, by the line on which they begin. It goes by indentation, which the formatter keeps true.
    static func functionLengths(_ lines: [String]) -> [(line: Int, length: Int)] {
        lines.indices.compactMap { start in
            guard beginsFunction(lines[start]) else { return nil }
            let indentation = lines[start].prefix { $0 == " " }.count
            for index in lines.indices[(start + 1)...] where !lines[index].isEmpty {
                let line = lines[index].drop { $0 == " " }
                let depth = lines[index].count - line.count
                if depth > indentation { continue }
                if depth < indentation { return nil }
                if line.hasPrefix("}") { return (start + 1, index - start + 1) }
                // The signature goes on: its closing parenthesis, its constraints, its opening brace.
                guard [")", "where ", "{"].contains(where: line.hasPrefix) else { return nil }
            }
            return nil
        }
    }

    private static func beginsFunction(_ line: String) -> Bool {
        for word in line.split(separator: " ") {
            if word == "func" || word == "deinit" { return true }
            if ["init(", "init?(", "init<", "subscript("].contains(where: word.hasPrefix) { return true }
            let isModifier = word.hasPrefix("@") || word.allSatisfy { $0.isLetter || "()_".contains($0) }
            if !isModifier || ["let", "var", "return", "case", "guard", "if", "for"].contains(word) { return false }
        }
        return false
    }

    private static func words(_ file: Project.File) -> [Finding] {
        everyLine(of: file) { line in
            forbidden.first { $0.extensions.contains(file.nameExtension) && line.contains($0.text) }
                .map { "\($0.text): \($0.rule)" }
        }
    }

    private static func names(_ file: Project.File) -> [Finding] {
        let parts = file.name.split(separator: ".").first?.split(separator: "+") ?? []
        guard let name = parts.first(where: { part in emptyNames.contains { part.hasSuffix($0) } }) else { return [] }
        return [Finding(path: file.path, line: 0, rule: "\(name) does not say what is in it")]
    }

    private static func leadingComment(_ file: Project.File) -> [Finding] {
        guard file.nameExtension == "lua", file.lines.first?.hasPrefix("--") != true else { return [] }
        return [Finding(path: file.path, line: 1, rule: "a script begins with a comment that says what it does")]
    }

    private static func everyLine(of file: Project.File, _ rule: (String) -> String?) -> [Finding] {
        file.lines.enumerated().compactMap { index, line in
            rule(line).map { Finding(path: file.path, line: index + 1, rule: $0) }
        }
    }
}
