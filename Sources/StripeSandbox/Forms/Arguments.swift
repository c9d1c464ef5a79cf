/// The parameters of a request once they are checked: only names the route has, each of its type.
/// A null is a field to unset.
struct Arguments: Sendable {
    let members: [String: JSONValue]

    subscript(name: String) -> JSONValue? { members[name] }

    func text(_ name: String) -> String? { members[name]?.text }

    func integer(_ name: String) -> Int? { members[name]?.integer }

    func object(_ name: String) -> Arguments? { members[name]?.object.map(Arguments.init) }

    /// A map of texts; empty when the parameter was not sent.
    func texts(_ name: String) -> [String: String] {
        (members[name]?.object ?? [:]).compactMapValues(\.text)
    }

    /// A parameter that the route's declaration makes required.
    func required(_ name: String) throws(APIError) -> String {
        guard let text = text(name) else { throw .missing(name) }
        return text
    }

    func requiredInteger(_ name: String) throws(APIError) -> Int {
        guard let value = integer(name) else { throw .missing(name) }
        return value
    }
}
