/// Decodes `application/x-www-form-urlencoded` text with nested brackets: `a=1`, `a[b]=1`, `a[]=1`, `a[0][b]=1`.
/// Everything that is not exactly that is refused; nothing is guessed.
struct FormDecoder {
    /// The most name and value pairs in one request.
    static let maximumPairs = 1_000
    /// The deepest nesting of brackets; Stripe's own parameters stay below it.
    static let maximumDepth = 6

    private var root: [String: FormValue] = [:]

    /// - Throws: 400 for bad percent-encoding, bytes that are not UTF-8, bad brackets, or a name used both as a value
    ///   and as a container.
    static func decode(_ bytes: some Collection<UInt8>) throws(APIError) -> [String: FormValue] {
        var decoder = FormDecoder()
        let pairs = bytes.split(separator: UInt8(ascii: "&"), omittingEmptySubsequences: true)
        guard pairs.count <= maximumPairs else {
            throw .invalid("The request has more than \(maximumPairs) parameters.").beforeExecution
        }
        for pair in pairs {
            let halves = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            let name = try text(halves[0])
            let value = halves.count == 2 ? try text(halves[1]) : ""
            let path = try path(of: name)
            decoder.root = try insert(value, at: path[...], into: decoder.root, name: name)
        }
        return decoder.root
    }

    /// One name or value: `+` is a space, `%hh` a byte.
    private static func text(_ encoded: some Collection<UInt8>) throws(APIError) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(encoded.count)
        var index = encoded.startIndex
        while index != encoded.endIndex {
            let byte = encoded[index]
            encoded.formIndex(after: &index)
            switch byte {
            case UInt8(ascii: "+"):
                bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = digit(encoded, &index), let low = digit(encoded, &index) else {
                    throw .invalid("Invalid percent-encoding in the request's parameters.").beforeExecution
                }
                bytes.append(high << 4 | low)
            default:
                bytes.append(byte)
            }
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .invalid("Invalid UTF-8 in the request's parameters.").beforeExecution
        }
        return text
    }

    private static func digit<Bytes: Collection<UInt8>>(_ bytes: Bytes, _ index: inout Bytes.Index) -> UInt8? {
        guard index != bytes.endIndex else { return nil }
        let value = Character(UnicodeScalar(bytes[index])).hexDigitValue
        bytes.formIndex(after: &index)
        return value.map { UInt8($0) }
    }

    /// `a[b][]` becomes `a`, `b` and an empty key.
    private static func path(of name: String) throws(APIError) -> [String] {
        let malformed = APIError.invalid("Invalid parameter name: \(name)", param: name).beforeExecution
        guard let open = name.firstIndex(of: "[") else {
            guard !name.isEmpty, !name.contains("]") else { throw malformed }
            return [name]
        }
        var path = [String(name[..<open])]
        var rest = name[open...]
        while !rest.isEmpty {
            guard rest.first == "[", let close = rest.firstIndex(of: "]") else { throw malformed }
            let key = rest[rest.index(after: rest.startIndex)..<close]
            guard !key.contains("[") else { throw malformed }
            path.append(String(key))
            rest = rest[rest.index(after: close)...]
        }
        guard !path[0].isEmpty, path.count <= maximumDepth else { throw malformed }
        return path
    }

    private static func insert(
        _ value: String, at path: ArraySlice<String>, into members: [String: FormValue], name: String
    ) throws(APIError) -> [String: FormValue] {
        guard var key = path.first else { return members }
        var members = members
        if key.isEmpty { key = String(members.count) }
        let rest = path.dropFirst()
        switch (members[key], rest.isEmpty) {
        case (nil, true), (.text, true):
            members[key] = .text(value)
        case (nil, false):
            members[key] = .map(try insert(value, at: rest, into: [:], name: name))
        case (.map(let inner), false):
            members[key] = .map(try insert(value, at: rest, into: inner, name: name))
        case (.map, true), (.text, false):
            throw .invalid("Invalid parameter: \(name) is given both as a value and as a hash.", param: name)
                .beforeExecution
        }
        return members
    }
}
