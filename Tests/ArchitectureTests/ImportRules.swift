/// Which module may import which. The picture is in docs/architecture.md; an arrow that is not here is not in it.
enum ImportRules {
    /// Our modules, with those of ours that each may import.
    static let allowed: [String: Set<String>] = [
        "CLinux": [],
        "CHiredis": [],
        "COpenSSL": [],
        "CCurl": [],
        "Metering": [],
        "RESP": [],
        "Billing": ["Metering"],
        "Reactor": ["CLinux"],
        "Ledger": ["Reactor", "CLinux"],
        "RedisLink": ["Reactor", "CLinux", "CHiredis", "COpenSSL", "RESP"],
        "Gate": ["RedisLink", "Ledger", "Reactor", "RESP", "Metering", "CLinux"],
        "HTTPLink": ["CCurl"],
        "StripeAPI": ["HTTPLink"],
        "Control": ["Billing", "Metering", "RedisLink", "StripeAPI", "HTTPLink", "COpenSSL"],
        "Settings": ["Metering"],
        "StripeSandbox": ["HTTPLink", "COpenSSL"],
    ]

    /// Executables that join everything.
    static let unbounded: Set = ["tollgate"]

    /// Modules without socket, clock, thread or C.
    static let pure: Set = ["Metering", "RESP", "Billing"]

    /// What brings sockets, clocks or threads into a module. Foundation is not among them: days and months in a time
    /// zone are its calendar's.
    private static let impure: Set = ["Glibc", "Musl", "Darwin", "Dispatch", "Synchronization"]

    /// What a line imports: `public import struct A.B` imports A. Nil if it is no import.
    static func importedModule(_ line: String) -> String? {
        let kinds: Set<Substring> = ["struct", "class", "enum", "protocol", "typealias", "func", "let", "var"]
        let words = line.split(separator: "//", maxSplits: 1, omittingEmptySubsequences: false)[0].split(separator: " ")
        guard let position = words.firstIndex(of: "import"),
            words[..<position].allSatisfy({
                $0.hasPrefix("@") || ["public", "package", "internal", "private", "fileprivate"].contains($0)
            })
        else { return nil }
        let name = words[(position + 1)...].first { !kinds.contains($0) }
        return name?.split(separator: ".").first.map { String($0) }
    }

    /// Strict memory safety accepts what is marked `unsafe`; a pure module has none of it.
    static func unsafeExpressions(in file: Project.File) -> [Finding] {
        guard let module = file.module, pure.contains(module), file.path.hasPrefix("Sources/") else { return [] }
        return file.lines.enumerated().compactMap { index, line in
            let code = line.split(separator: "//", maxSplits: 1, omittingEmptySubsequences: false).first ?? ""
            let words = code.split { !$0.isLetter }
            guard words.contains("unsafe") || words.contains("unchecked") else { return nil }
            return Finding(path: file.path, line: index + 1, rule: "\(module) is pure and has no unsafe code")
        }
    }

    static func findings(in file: Project.File) -> [Finding] {
        guard let module = file.module, !unbounded.contains(module) else { return [] }
        guard let permitted = allowed[module] else {
            return [Finding(path: file.path, line: 0, rule: "\(module) is not in the table of who may import whom")]
        }
        return file.lines.enumerated().flatMap { index, line -> [Finding] in
            guard let imported = importedModule(line) else { return [] }
            let isOurs = allowed[imported] != nil || unbounded.contains(imported)
            if isOurs, !permitted.contains(imported) {
                return [Finding(path: file.path, line: index + 1, rule: "\(module) may not import \(imported)")]
            }
            if pure.contains(module), impure.contains(imported) {
                return [
                    Finding(path: file.path, line: index + 1, rule: "\(module) is pure and may not import \(imported)")
                ]
            }
            return []
        }
    }

    /// A chain of imports that comes back to where it began, if the table has one.
    static func cycle() -> [String]? {
        func walk(_ chain: [String]) -> [String]? {
            for next in (allowed[chain[chain.count - 1]] ?? []).sorted() {
                if chain.contains(next) { return chain + [next] }
                if let found = walk(chain + [next]) { return found }
            }
            return nil
        }
        return allowed.keys.sorted().lazy.compactMap { walk([$0]) }.first
    }
}
