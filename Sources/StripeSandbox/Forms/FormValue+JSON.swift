extension FormValue {
    /// The body of a v2 request as a form: v2 takes JSON (docs.stripe.com/api-v2-overview), and every parameter the
    /// sandbox has there is a text, an object or a list of those.
    ///
    /// - Throws: 400 when the body is no JSON object, or holds anything else.
    static func members(ofJSON body: [UInt8]) throws(APIError) -> [String: FormValue] {
        if body.isEmpty { return [:] }
        guard case .object(let members) = JSONText.read(body) else {
            throw .invalid("The request body must be a JSON object.").beforeExecution
        }
        return try form(of: members, under: "")
    }

    private static func form(
        of members: [String: JSONValue], under prefix: String
    ) throws(APIError) -> [String: FormValue] {
        var form: [String: FormValue] = [:]
        for (name, value) in members {
            form[name] = try FormValue(value, prefix.isEmpty ? name : "\(prefix)[\(name)]")
        }
        return form
    }

    private init(_ json: JSONValue, _ name: String) throws(APIError) {
        switch json {
        case .text(let text):
            self = .text(text)
        case .object(let members):
            self = .map(try Self.form(of: members, under: name))
        case .list(let items):
            let members = items.enumerated().map { (String($0.offset), $0.element) }
            self = .map(try Self.form(of: Dictionary(uniqueKeysWithValues: members), under: name))
        case .null, .boolean, .number:
            throw .invalid("Invalid \(name): it must be a string.", param: name).beforeExecution
        }
    }
}
