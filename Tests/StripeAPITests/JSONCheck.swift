import Foundation

/// Checks a JSON document against a schema as Stripe's description of its v2 API uses it. Unlike in a form a value has
/// a type of its own.
enum JSONCheck {
    typealias Object = [String: Any]

    static func faults(in bytes: [UInt8], schema: Object) -> [String] {
        guard let document = try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed) else {
            return ["body is no JSON"]
        }
        return faults(in: document, schema: schema, at: "body")
    }

    private static func faults(in value: Any, schema: Object, at place: String) -> [String] {
        switch schema["type"] as? String {
        case "object":
            guard let children = value as? Object else { return ["\(place) must be an object"] }
            return objectFaults(in: children, schema: schema, at: place)
        case "array":
            guard let rows = value as? [Any] else { return ["\(place) must be an array"] }
            var faults: [String] = []
            if let least = schema["minItems"] as? Int, rows.count < least { faults.append("\(place) is too short") }
            if let most = schema["maxItems"] as? Int, rows.count > most { faults.append("\(place) is too long") }
            let items = schema["items"] as? Object ?? [:]
            return faults
                + rows.enumerated().flatMap { Self.faults(in: $1, schema: items, at: "\(place)[\($0)]") }
        case "string":
            guard let text = value as? String else { return ["\(place) must be a string"] }
            if schema["format"] as? String == "date-time", !isInstant(text) { return ["\(place) is no instant"] }
            if let longest = schema["maxLength"] as? Int, text.count > longest {
                return ["\(place) is longer than \(longest)"]
            }
            return []
        case let type:
            return ["\(place): the check knows no \(type ?? "schema without a type")"]
        }
    }

    private static func objectFaults(in children: Object, schema: Object, at place: String) -> [String] {
        let properties = schema["properties"] as? Object ?? [:]
        var faults = (schema["required"] as? [String] ?? []).filter { children[$0] == nil }
            .map { "\(place) lacks \($0)" }
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

    private static func isInstant(_ text: String) -> Bool {
        ISO8601DateFormatter().date(from: text) != nil
    }
}
