/// The fields of a request's body, read one by one with errors that name them.
struct RequestFields {
    /// The longest text that stands for a place, or names something.
    private static let longestText = 300

    private let fields: [String: JSONValue]

    /// A JSON object with no other fields than these; no body is an empty one.
    init(_ request: ControlRequest, allowing names: String...) throws(Problem) {
        fields = request.body.isEmpty ? [:] : try request.object()
        if let unknown = fields.keys.filter({ !names.contains($0) }).min() {
            throw .badRequest(
                "unknown field \"\(unknown)\": this path takes \(names.joined(separator: ", "))", code: "unknown_field")
        }
    }

    subscript(name: String) -> JSONValue? { fields[name] }

    /// False if it is absent.
    func flag(_ name: String) throws(Problem) -> Bool {
        switch fields[name] {
        case nil, .null: return false
        case .bool(let flag): return flag
        default: throw Self.invalid(name, "must be true or false")
        }
    }

    /// A short text; nil if it is absent or null.
    func text(_ name: String) throws(Problem) -> String? {
        switch fields[name] {
        case nil, .null: return nil
        case .string(let text) where (1...Self.longestText).contains(text.utf8.count): return text
        default: throw Self.invalid(name, "must be a text of 1 to \(Self.longestText) bytes, or null")
        }
    }

    /// What an earlier page gave as `next`.
    func cursor(_ name: String) throws(Problem) -> String? {
        guard let text = try text(name) else { return nil }
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw Self.invalid(name, "must be what an earlier page gave as next")
        }
        return text
    }

    /// An object of texts; empty if it is absent.
    func texts(_ name: String, most: Int) throws(Problem) -> [String: String] {
        switch fields[name] {
        case nil, .null: return [:]
        case .object(let members):
            guard members.count <= most else { throw Self.invalid(name, "must have at most \(most) members") }
            var texts: [String: String] = [:]
            for (key, value) in members {
                guard case .string(let text) = value else { throw Self.invalid("\(name).\(key)", "must be a text") }
                texts[key] = text
            }
            return texts
        default: throw Self.invalid(name, "must be an object of texts")
        }
    }

    /// A list of texts; empty if it is absent.
    func textSet(_ name: String, most: Int) throws(Problem) -> Set<String> {
        switch fields[name] {
        case nil, .null: return []
        case .array(let items):
            guard items.count <= most else { throw Self.invalid(name, "must have at most \(most) items") }
            var texts: Set<String> = []
            for item in items {
                guard case .string(let text) = item else { throw Self.invalid(name, "must be a list of texts") }
                texts.insert(text)
            }
            return texts
        default: throw Self.invalid(name, "must be a list of texts")
        }
    }

    private static func invalid(_ field: String, _ problem: String) -> Problem {
        .badRequest("\(field): \(problem)", code: "bad_field")
    }
}
