import ArgumentParser

/// `tollgate version`.
struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version",
        abstract: "Show this program's version.",
        discussion: """
            EXAMPLES
              tollgate version
              tollgate version --json
            """)

    @OptionGroup var output: OutputOptions

    func run() {
        let document = JSONValue.object([
            "version": .text(Release.version), "swift": .text(Release.swift), "build": .text(Release.build),
        ])
        output.show(document) { _ in "tollgate \(Release.version)\n" }
    }
}
