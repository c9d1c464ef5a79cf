import FoundationEssentials

/// Any JSON value: what `--json` prints and what the daemon answers. Fields that this release does not know are kept.
enum JSONValue: Equatable, Sendable {
    case null
    case boolean(Bool)
    case integer(Int64)
    case number(Double)
    case text(String)
    case list([JSONValue])
    case object([String: JSONValue])

    /// The field of an object; nil if there is none, or if it is null.
    subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self, let value = members[name], value != .null else { return nil }
        return value
    }

    var text: String? {
        if case .text(let value) = self { value } else { nil }
    }

    var integer: Int64? {
        if case .integer(let value) = self { value } else { nil }
    }

    var list: [JSONValue]? {
        if case .list(let value) = self { value } else { nil }
    }

    /// The value in words: lists by commas, objects as `name=value`, null as a dash.
    var words: String {
        switch self {
        case .null: "-"
        case .boolean(let value): value ? "yes" : "no"
        case .integer(let value): String(value)
        case .number(let value): String(value)
        case .text(let value): value
        case .list(let items): items.isEmpty ? "-" : items.map(\.words).joined(separator: ", ")
        case .object(let members):
            members.isEmpty
                ? "-" : members.sorted { $0.key < $1.key }.map { "\($0)=\($1.words)" }.joined(separator: ", ")
        }
    }

    /// The document in one line, names in order, so that equal values are equal text.
    var document: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Only an infinite number makes the encoder throw, and JSON has no way to bring one in.
        guard let data = try? encoder.encode(self) else { preconditionFailure("a JSON value did not encode") }
        return String(decoding: data, as: UTF8.self)
    }

    /// Reads a document; nil if the bytes are no JSON.
    init?(document: [UInt8]) {
        guard let value = try? JSONDecoder().decode(JSONValue.self, from: Data(document)) else { return nil }
        self = value
    }

    /// A text, or null where there is none.
    static func optional(_ value: String?) -> JSONValue { value.map { .text($0) } ?? .null }
}

extension JSONValue: Codable {
    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .boolean(value)
        } else if let value = try? container.decode(Int64.self) {
            self = .integer(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let value = try? container.decode([JSONValue].self) {
            self = .list(value)
        } else {
            self = .object(try container.decode([String: JSONValue].self))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .boolean(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .text(let value): try container.encode(value)
        case .list(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }
}
