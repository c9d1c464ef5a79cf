/// The doctor's report for people.
enum DoctorText {
    /// The report when nobody could be asked.
    static func unreachable(_ failure: CommandFailure) -> JSONValue {
        .object([
            "checks": .list([
                .object([
                    "name": .text("daemon"), "status": .text("fault"),
                    "detail": .text(failure.message.replacing("\n", with: ". ")),
                ])
            ])
        ])
    }

    static func text(_ report: JSONValue, _ style: TextStyle) -> String {
        let rows = checks(report).map { check in
            let status = check["status"]?.words ?? "-"
            return [
                Table.Cell(status, tone(status)), Table.Cell(check["name"]?.words ?? "-"),
                Table.Cell(check["detail"]?.words ?? ""),
            ]
        }
        return Table([.init(""), .init(""), .init("")], rows: rows).text(style)
    }

    /// Whether any check is a fault.
    static func hasFault(_ report: JSONValue) -> Bool { checks(report).contains { $0["status"] == .text("fault") } }

    private static func checks(_ report: JSONValue) -> [JSONValue] { report["checks"]?.list ?? [] }

    private static func tone(_ status: String) -> TextStyle.Tone {
        switch status {
        case "ok": .good
        case "warning": .caution
        default: .bad
        }
    }
}
