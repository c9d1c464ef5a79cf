import RESP

/// The gate's answer to `RECORD`: one row a meter.
struct GateCounts: Equatable, Sendable {
    /// Rows with the fields `meter`, `counted`, `used` and `overage`.
    let rows: [JSONValue]

    init(_ reply: RESPValue) throws(CommandFailure) {
        var rows: [JSONValue] = []
        guard let elements = reply.elements else { throw GateReply.unexpected("counts", reply) }
        for element in elements {
            let fields = GateReply.fields(element, names: GateCounts.names)
            guard GateCounts.names.allSatisfy({ fields[$0] != nil }) else {
                throw GateReply.unexpected("counts", reply)
            }
            rows.append(.object(fields))
        }
        self.rows = rows
    }

    private static let names = ["meter", "counted", "used", "overage"]

    var document: JSONValue { .object(["counts": .list(rows)]) }

    func text(_ style: TextStyle) -> String {
        let columns: [Table.Column] = [
            .init("METER"), .init("COUNTED", .trailing), .init("USED", .trailing), .init("OVERAGE", .trailing),
        ]
        return Table(columns, rows: rows.map { row in GateCounts.names.map { .init(row[$0]?.words ?? "-") } })
            .text(style)
    }
}
