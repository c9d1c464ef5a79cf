import ArgumentParser

/// Which part of a list.
struct PageOptions: ParsableArguments {
    @Option(help: ArgumentHelp("At most so many in one page (default: the daemon's).", valueName: "n"))
    var limit: Int?

    @Option(help: ArgumentHelp("Go on after this place, which the page before has named.", valueName: "place"))
    var after: String?

    @Flag(help: "All of the list, page by page.")
    var all = false

    func validate() throws {
        if let limit, limit < 1 { throw ValidationError("--limit must be at least 1") }
    }

    /// The path of the page.
    func applied(to path: ControlPath) -> ControlPath {
        path.setting("after", after).setting("limit", limit.map { String($0) })
    }

    /// The line below a page that is not the last; empty below the last.
    static func footer(_ page: JSONValue, _ style: TextStyle) -> String {
        guard let next = page["next"]?.words else { return "" }
        return style.paint("there are more: --after \(next.printableLine), or --all", .faint) + "\n"
    }
}
