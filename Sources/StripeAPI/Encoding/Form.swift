/// An ordered form: the query of a GET, the body of a POST.
struct Form {
    struct Field {
        let name: String
        let value: FormValue
    }

    private(set) var fields: [Field] = []

    /// Fields are written in the order given.
    init(_ fields: KeyValuePairs<String, FormValue> = [:]) {
        self.fields = fields.map { Field(name: $0.key, value: $0.value) }
    }

    /// The entries sorted by name, so that equal maps make equal requests.
    init(sorting entries: [String: String]) {
        fields = entries.sorted { $0.key < $1.key }.map { Field(name: $0.key, value: .text($0.value)) }
    }

    mutating func append(_ name: String, _ value: FormValue) {
        fields.append(Field(name: name, value: value))
    }

    /// `application/x-www-form-urlencoded`, names included.
    var encoded: String {
        var pairs: [String] = []
        for field in fields {
            Self.append(field.value, name: field.name, to: &pairs)
        }
        return pairs.joined(separator: "&")
    }

    private static func append(_ value: FormValue, name: String, to pairs: inout [String]) {
        switch value {
        case .text(let text):
            pairs.append("\(escape(name))=\(escape(text))")
        case .integer(let number):
            pairs.append("\(escape(name))=\(number)")
        case .map(let form):
            for field in form.fields {
                append(field.value, name: "\(name)[\(field.name)]", to: &pairs)
            }
        }
    }

    /// Keeps RFC 3986's unreserved characters and percent-encodes every other byte.
    static func escape(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
                bytes.append(byte)
            default:
                bytes += [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
