import Testing

@Suite struct `Imports` {
    @Test func `modules import one way only`() throws {
        let files = try Project.files(in: ["Sources"]).filter { $0.nameExtension == "swift" }
        #expect(files.count > 0, "no sources found")
        Finding.report(files.flatMap(ImportRules.findings))
    }

    @Test func `pure modules have no unsafe code`() throws {
        Finding.report(try Project.files(in: ["Sources"]).flatMap(ImportRules.unsafeExpressions))
        let file = Project.File(path: "Sources/RESP/A.swift", lines: ["// unsafe", "let a = unsafe b", "unsafely()"])
        #expect(ImportRules.unsafeExpressions(in: file).map(\.line) == [2])
    }

    @Test func `the table itself has no way back`() {
        #expect(ImportRules.cycle() == nil)
    }

    @Test(arguments: [
        ("import Gate", "Gate"),
        ("public import RESP  // shown", "RESP"),
        ("@testable import Metering", "Metering"),
        ("@_exported public import struct Foundation.Data", "Foundation"),
        ("// import Gate", nil),
        ("    let text = \"import Gate\"", nil),
        ("important()", nil),
    ])
    func `an import is recognised`(line: String, module: String?) {
        #expect(ImportRules.importedModule(line) == module)
    }

    @Test func `a forbidden import is found and named with its line`() {
        let file = Project.File(
            path: "Sources/RESP/A.swift", lines: ["import Gate", "", "import Glibc", "import RESP"])
        #expect(
            ImportRules.findings(in: file).map(\.description) == [
                "Sources/RESP/A.swift:1: RESP may not import Gate",
                "Sources/RESP/A.swift:3: RESP is pure and may not import Glibc",
                "Sources/RESP/A.swift:4: RESP may not import RESP",
            ])
        let stranger = Project.File(path: "Sources/New/A.swift", lines: [])
        #expect(ImportRules.findings(in: stranger).count == 1)
    }
}
