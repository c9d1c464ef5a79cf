import FoundationEssentials

/// Any JSON value: what the sandbox answers, keeps in its state file and reads at `/_sandbox/*`.
/// Numbers are decimals, so a 15-digit usage total stays exact.
enum JSONValue: Sendable, Equatable {
    case null
    case boolean(Bool)
    case number(Decimal)
    case text(String)
    case list([JSONValue])
    case object([String: JSONValue])

    static func integer(_ value: Int) -> JSONValue { .number(Decimal(value)) }

    /// A text, or null when there is none.
    static func optional(_ value: String?) -> JSONValue { value.map { .text($0) } ?? .null }

    /// A time in seconds since 1970, or null when there is none.
    static func optional(_ value: Int?) -> JSONValue { value.map { .integer($0) } ?? .null }

    var text: String? {
        guard case .text(let value) = self else { return nil }
        return value
    }

    /// The number, when it is a whole one that fits 64 bits.
    var integer: Int? {
        guard case .number(let value) = self else { return nil }
        return Int(value.description)
    }

    var object: [String: JSONValue]? {
        guard case .object(let members) = self else { return nil }
        return members
    }

    var list: [JSONValue]? {
        guard case .list(let items) = self else { return nil }
        return items
    }

    /// The value as JSON text with sorted keys, so equal values are equal bytes.
    var bytes: [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Only a non-conforming float makes the encoder throw, and this type holds none.
        guard let data = try? encoder.encode(self) else { preconditionFailure("a JSON value did not encode") }
        return [UInt8](data)
    }
}

extension JSONValue: Codable {
    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .boolean(value)
        } else if let value = try? container.decode(Decimal.self) {
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
        case .number(let value): try container.encode(value)
        case .text(let value): try container.encode(value)
        case .list(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }
}
