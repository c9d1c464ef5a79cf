import RESP

/// The gate's answer to `USAGE`: one row a meter, of names and values.
struct GateUsage: Equatable, Sendable {
    let tenant: String
    /// The rows as the gate sent them, later fields included, with times in RFC 3339.
    let rows: [JSONValue]

    init(tenant: String, _ reply: RESPValue) throws(CommandFailure) {
        guard let elements = reply.elements else { throw GateReply.unexpected("usage", reply) }
        var rows: [JSONValue] = []
        for element in elements {
            guard let fields = GateReply.pairs(element), fields["meter"] != nil else {
                throw GateReply.unexpected("usage", reply)
            }
            rows.append(.object(fields.merging(GateUsage.times(of: fields)) { $1 }))
        }
        self.tenant = tenant
        self.rows = rows
    }

    /// The period's edges and the reset, which the gate says in Unix seconds.
    private static func times(of fields: [String: JSONValue]) -> [String: JSONValue] {
        fields.filter { ["period_start", "period_end", "resets_at"].contains($0.key) }.compactMapValues { value in
            value.integer.map { .text(Timestamp(seconds: $0).text) }
        }
    }

    var document: JSONValue { .object(["tenant": .text(tenant), "meters": .list(rows)]) }

    func text(_ style: TextStyle) -> String {
        rows.isEmpty ? "no meters\n" : MeterTable.make(rows).text(style)
    }
}
