import Metering

/// The body of a request that changes one thing of a tenant, read field by field with errors that name them.
struct TenantRequest {
    private let fields: [String: JSONValue]

    /// A JSON object with no other fields than these.
    init(_ request: ControlRequest, allowing names: String...) throws(Problem) {
        fields = request.body.isEmpty ? [:] : try request.object()
        if let unknown = fields.keys.filter({ !names.contains($0) }).min() {
            throw .badRequest(
                "unknown field \"\(unknown)\": this path takes \(names.joined(separator: ", "))", code: "unknown_field")
        }
    }

    /// Why; required where it is not `optional`.
    func reason(isOptional: Bool = false) throws(Problem) -> String {
        isOptional ? try ReasonText.read(fields["reason"]) ?? "" : try ReasonText.require(fields["reason"])
    }

    /// A name that the caller gives to a grant, by which it is given once; nil if it leaves that to tollgate.
    func grantID() throws(Problem) -> String? {
        switch fields["id"] {
        case nil, .null: return nil
        case .string(let text) where Grant.isID(text): return text
        default: throw Self.invalid("id", "must be 1 to 32 of a-z and 0-9")
        }
    }

    /// A meter of the catalogue.
    func meter(_ catalogue: Catalogue) throws(Problem) -> Meter {
        guard case .string(let name) = fields["meter"] else { throw Self.invalid("meter", "must be a meter's name") }
        guard let meter = catalogue.meter(name) else {
            let known = catalogue.meters.map(\.name).joined(separator: ", ")
            throw Self.invalid("meter", "unknown meter \"\(name)\": \(known)")
        }
        return meter
    }

    /// A whole number; nil for null. Absent is an error.
    func integerOrNull(_ name: String) throws(Problem) -> Int64? {
        switch fields[name] {
        case .integer(let number): return number
        case .null: return nil
        default: throw Self.invalid(name, "must be a whole number, or null to remove it")
        }
    }

    /// A number of units, 1 or more.
    func units() throws(Problem) -> Int64 {
        guard case .integer(let units) = fields["units"], (1...Amount.largest).contains(units) else {
            throw Self.invalid("units", "must be a whole number from 1 to \(Amount.largest)")
        }
        return units
    }

    /// A time to come, in Unix seconds; nil if it is absent or null.
    func instant(_ name: String, after now: Int64) throws(Problem) -> Int64? {
        switch fields[name] {
        case nil, .null: return nil
        case .string(let text):
            guard let second = InstantText.seconds(text), Tenant.instants.contains(second) else {
                throw Self.invalid(
                    name, "\"\(text)\" is neither a date (2026-01-31) nor a time (2026-01-31T10:17:00Z)")
            }
            guard second > now else {
                throw Self.invalid(name, "\"\(text)\" is over: it is \(InstantText.text(now)) by Redis's clock")
            }
            return second
        default: throw Self.invalid(name, "must be a time, or null")
        }
    }

    static func invalid(_ field: String, _ problem: String) -> Problem {
        .badRequest("\(field): \(problem)", code: "bad_field")
    }
}
