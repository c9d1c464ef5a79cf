import Testing

@Suite struct `Tidiness` {
    @Test func `code keeps the sizes, words and names`() throws {
        let files = try Project.files(in: ["Package.swift", "Sources", "Tests", "bench", "scripts"])
        #expect(files.contains { $0.name == "Package.swift" })
        Finding.report(files.flatMap(TidyRules.findings))
    }

    @Test func `nothing names a path of one machine`() throws {
        let files = try Project.files(in: [
            "README.md", "Makefile", "Package.swift", "Sources", "bench", "config", "docs", "scripts",
        ])
        Finding.report(files.flatMap(TidyRules.machinePaths))
    }

    @Test(arguments: [
        ("A.swift", "// TO" + "DO later", "1: TO" + "DO: open work does not stand in the code"),
        ("A.lua", "-- FIX" + "ME", "1: FIX" + "ME: open work does not stand in the code"),
        ("A.swift", "try" + "! run()", "1: try" + "!: an error is handled or thrown on"),
        (
            "A.swift", "fatal" + "Error(\"\")",
            "1: fatal" + "Error(: a peer's mistake is answered; our own is a precondition"
        ),
        ("A.swift", String(repeating: "a", count: 121), "1: 121 columns; a line has up to 120"),
        ("ConnectionManager.swift", "", " ConnectionManager does not say what is in it"),
        ("Loop+Helpers.swift", "", " Helpers does not say what is in it"),
        ("a.lua", "return 1", "1: a script begins with a comment that says what it does"),
    ])
    func `a broken rule is found and named with its line`(name: String, line: String, text: String) {
        let found = TidyRules.findings(in: .init(path: name, lines: [line]))
        #expect(found.map(\.description) == ["\(name):\(text)"])
    }

    @Test func `a file and a function that grew too long are found`() {
        let function =
            ["    func a(", "        _ b: Int", "    ) {"] + Array(repeating: "        b()", count: 97) + ["    }"]
        let type = ["struct A {"] + function + ["}"]
        #expect(TidyRules.functionLengths(type).map(\.length) == [101])
        #expect(
            TidyRules.findings(in: .init(path: "A.swift", lines: type)).map(\.description)
                == ["A.swift:2: a function of 101 lines; it has up to 100"])
        let long = Array(repeating: "", count: 501)
        #expect(
            TidyRules.findings(in: .init(path: "A.swift", lines: long)).map(\.description)
                == ["A.swift:501: 501 lines; a file has up to 500"])
    }

    @Test func `what has no body is no function`() {
        let lines = [
            "protocol A {", "    func a()", "    func b()", "}", "let function = 1", "@Test func `c`() {", "    d()",
            "}",
            "    public init() {}", "}",
        ]
        #expect(TidyRules.functionLengths(lines).map(\.line) == [6])
    }

    @Test func `a machine path is found`() {
        let file = Project.File(path: "docs/a.md", lines: ["", "see /tm" + "p/x"])
        #expect(TidyRules.machinePaths(in: file).map(\.line) == [2])
    }
}
