import FoundationEssentials

/// Checks a decoded form against a route's parameters, as strictly as Stripe: what is not declared is refused.
/// All its errors come before the endpoint runs and are not saved under an idempotency key.
struct ParameterCheck {
    static func arguments(
        _ form: [String: FormValue], against parameters: [Parameter]
    ) throws(APIError) -> Arguments {
        Arguments(members: try members(form, against: parameters, under: ""))
    }

    private static func members(
        _ form: [String: FormValue], against parameters: [Parameter], under prefix: String
    ) throws(APIError) -> [String: JSONValue] {
        let known = Set(parameters.map(\.name))
        let unknown = form.keys.filter { !known.contains($0) }.sorted().map { path(prefix, $0) }
        if let first = unknown.first {
            let names = unknown.joined(separator: ", ")
            let noun = unknown.count == 1 ? "parameter" : "parameters"
            throw .invalid("Received unknown \(noun): \(names)", code: "parameter_unknown", param: first)
                .beforeExecution
        }
        var members: [String: JSONValue] = [:]
        for parameter in parameters {
            let name = path(prefix, parameter.name)
            guard let value = form[parameter.name] else {
                if parameter.isRequired { throw .missing(name) }
                continue
            }
            members[parameter.name] = try check(value, parameter, name)
        }
        return members
    }

    private static func check(
        _ value: FormValue, _ parameter: Parameter, _ name: String
    ) throws(APIError) -> JSONValue {
        guard value == .text("") else { return try check(value, parameter.shape, name) }
        if parameter.isClearable { return .null }
        throw emptyText(name)
    }

    private static func check(
        _ value: FormValue, _ shape: ParameterShape, _ name: String
    ) throws(APIError) -> JSONValue {
        switch shape {
        case .text(let maximum):
            return .text(try text(value, name, maximum: maximum))
        case .integer(let range):
            return .integer(try integer(value, name, range: range))
        case .boolean:
            let text = try text(value, name)
            guard ["true", "false"].contains(text) else { throw refused("Invalid boolean: \(text)", name) }
            return .boolean(text == "true")
        case .choice(let choices):
            return .text(try choice(value, name, among: choices))
        case .partialChoice(let choices, let unsupported):
            let text = try choice(value, name, among: choices + unsupported)
            guard choices.contains(text) else {
                throw refused("The sandbox does not support the value \(text) of \(name) yet.", name)
            }
            return .text(text)
        case .object(let parameters):
            return .object(try members(try map(value, name), against: parameters, under: name))
        case .map(let maximumKey, let maximumValue, let maximumCount):
            return try texts(value, name, limits: (maximumKey, maximumValue, maximumCount), allowingEmpty: false)
        case .metadata:
            // 50 keys of 40 characters, values of 500 (docs.stripe.com/api/metadata).
            return try texts(value, name, limits: (40, 500, 50), allowingEmpty: true)
        case .list(let element, let maximum):
            return .list(try list(value, element, name, maximum: maximum))
        case .unsupported:
            throw refused("The sandbox does not support the parameter \(name) yet.", name)
        }
    }

    private static func text(
        _ value: FormValue, _ name: String, maximum: Int = 5_000
    ) throws(APIError) -> String {
        guard case .text(let text) = value else { throw refused("Invalid string: \(name) is a hash or array.", name) }
        guard text.unicodeScalars.count <= maximum else {
            throw refused("Invalid string: \(name) must be at most \(maximum) characters", name)
        }
        return text
    }

    private static func integer(
        _ value: FormValue, _ name: String, range: ClosedRange<Int>?
    ) throws(APIError) -> Int {
        let text = try text(value, name)
        guard let number = Int(text), text.first != "+" else {
            throw refused("Invalid integer: \(text)", name, code: "parameter_invalid_integer")
        }
        if let range, !range.contains(number) {
            let bound = number > range.upperBound ? ("less", range.upperBound) : ("greater", range.lowerBound)
            throw refused(
                "This value must be \(bound.0) than or equal to \(bound.1) (it currently is '\(number)').", name,
                code: "parameter_invalid_integer")
        }
        return number
    }

    private static func choice(
        _ value: FormValue, _ name: String, among choices: [String]
    ) throws(APIError) -> String {
        let text = try text(value, name)
        guard choices.contains(text) else {
            throw refused("Invalid \(name): must be one of \(choices.joined(separator: ", "))", name)
        }
        return text
    }

    private static func map(_ value: FormValue, _ name: String) throws(APIError) -> [String: FormValue] {
        guard case .map(let members) = value else { throw refused("Invalid hash: \(name) is a string.", name) }
        return members
    }

    private static func texts(
        _ value: FormValue, _ name: String, limits: (key: Int, value: Int, count: Int), allowingEmpty: Bool
    ) throws(APIError) -> JSONValue {
        let members = try map(value, name)
        guard members.count <= limits.count else {
            throw refused("Invalid hash: \(name) can have up to \(limits.count) keys.", name)
        }
        var texts: [String: JSONValue] = [:]
        for (key, value) in members.sorted(by: { $0.key < $1.key }) {
            let inner = path(name, key)
            guard key.unicodeScalars.count <= limits.key else {
                throw refused("Invalid hash: keys of \(name) must be at most \(limits.key) characters.", inner)
            }
            let text = try text(value, inner, maximum: limits.value)
            if text.isEmpty, !allowingEmpty { throw emptyText(inner) }
            texts[key] = .text(text)
        }
        return .object(texts)
    }

    private static func list(
        _ value: FormValue, _ element: ParameterShape, _ name: String, maximum: Int
    ) throws(APIError) -> [JSONValue] {
        let members = try map(value, name)
        let indexes = members.keys.compactMap { Int($0) }.sorted()
        guard indexes.count == members.count else { throw refused("Invalid array: \(name)", name) }
        guard indexes.count <= maximum else {
            throw refused("Invalid array: \(name) can have up to \(maximum) elements.", name)
        }
        var items: [JSONValue] = []
        for index in indexes {
            guard let item = members[String(index)] else { throw refused("Invalid array: \(name)", name) }
            items.append(try check(item, element, "\(name)[\(index)]"))
        }
        return items
    }

    private static func path(_ prefix: String, _ name: String) -> String {
        prefix.isEmpty ? name : "\(prefix)[\(name)]"
    }

    private static func refused(_ message: String, _ name: String, code: String? = nil) -> APIError {
        .invalid(message, code: code, param: name).beforeExecution
    }

    private static func emptyText(_ name: String) -> APIError {
        refused(
            "You passed an empty string for '\(name)'. An empty value unsets a field, and '\(name)' cannot be unset.",
            name, code: "parameter_invalid_empty")
    }
}
