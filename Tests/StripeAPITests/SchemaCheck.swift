/// Checks a form against a JSON schema as Stripe's description uses it. Every value of a form is text, so numbers and
/// booleans are judged by what the text reads as.
enum SchemaCheck {
    typealias Object = [String: Any]

    static func faults(in node: FormTree.Node, schema: Object, at place: String) -> [String] {
        if let choices = schema["anyOf"] as? [Object] {
            let each = choices.map { faults(in: node, schema: $0, at: place) }
            return each.contains { $0.isEmpty } ? [] : each.first ?? []
        }
        switch (schema["type"] as? String, node) {
        case ("object", .map(let children)):
            return objectFaults(in: children, schema: schema, at: place)
        case ("array", .map(let children)):
            let items = schema["items"] as? Object ?? [:]
            return children.flatMap { faults(in: $0.value, schema: items, at: "\(place)[\($0.key)]") }
        case ("object", .text), ("array", .text):
            return ["\(place) must be nested"]
        case (_, .map):
            return ["\(place) must not be nested"]
        case (let type, .text(let text)):
            return textFaults(in: text, type: type, schema: schema, at: place)
        }
    }

    private static func objectFaults(
        in children: [String: FormTree.Node], schema: Object, at place: String
    ) -> [String] {
        let properties = schema["properties"] as? Object ?? [:]
        var faults = (schema["required"] as? [String] ?? []).filter { children[$0] == nil }
            .map { "\(place) lacks \($0)" }
        if let most = schema["maxProperties"] as? Int, children.count > most {
            faults.append("\(place) has more than \(most) entries")
        }
        for (name, child) in children {
            let inner = "\(place).\(name)"
            if let schema = properties[name] as? Object ?? schema["additionalProperties"] as? Object {
                faults += Self.faults(in: child, schema: schema, at: inner)
            } else if schema["additionalProperties"] as? Bool == false {
                faults.append("\(inner) is unknown")
            }
        }
        return faults
    }

    private static func textFaults(in text: String, type: String?, schema: Object, at place: String) -> [String] {
        var faults: [String] = []
        if let allowed = schema["enum"] as? [String], !allowed.contains(text) {
            faults.append("\(place) must be one of \(allowed)")
        }
        if let longest = schema["maxLength"] as? Int, text.count > longest {
            faults.append("\(place) is longer than \(longest)")
        }
        switch type {
        case "integer":
            guard let number = Int(text) else { return faults + ["\(place) must be an integer"] }
            if let least = schema["minimum"] as? Int, number < least { faults.append("\(place) is below \(least)") }
            if let most = schema["maximum"] as? Int, number > most { faults.append("\(place) is above \(most)") }
        case "number":
            if Double(text) == nil { faults.append("\(place) must be a number") }
        case "boolean":
            if Bool(text) == nil { faults.append("\(place) must be true or false") }
        default:
            break
        }
        return faults
    }
}
