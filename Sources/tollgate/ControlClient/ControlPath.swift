/// The path and query of a request, with everything from outside percent-encoded (RFC 3986 §2.1).
struct ControlPath: Equatable, Sendable {
    private let path: String
    private var query: [(name: String, value: String)] = []

    /// A path of fixed text, followed by a segment of any text, and fixed text again.
    init(_ fixed: String, segment: String? = nil, then rest: String = "") {
        path = fixed + (segment.map { "/" + ControlPath.encode($0) } ?? "") + rest
    }

    /// Sets a parameter; one without a value is left out.
    mutating func set(_ name: String, _ value: String?) {
        query.removeAll { $0.name == name }
        if let value { query.append((name, value)) }
    }

    /// The same with a parameter, if it has a value.
    func setting(_ name: String, _ value: String?) -> ControlPath {
        var path = self
        path.set(name, value)
        return path
    }

    /// As it stands in the request.
    var text: String {
        guard !query.isEmpty else { return path }
        return path + "?" + query.map { "\($0.name)=\(ControlPath.encode($0.value))" }.joined(separator: "&")
    }

    static func == (left: ControlPath, right: ControlPath) -> Bool { left.text == right.text }

    private static func encode(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "~"):
                bytes.append(byte)
            case UInt8(ascii: ".") where text != "." && text != "..":
                bytes.append(byte)
            default:
                // A segment that is only dots would be taken for a way up, so its dots are encoded too.
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
