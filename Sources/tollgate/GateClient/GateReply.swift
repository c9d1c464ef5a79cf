import RESP

/// Reads replies of the gate without regard to the protocol's version: fields by place in RESP2, by name in RESP3.
enum GateReply {
    /// The fields of an array whose places have these names, or of a map.
    static func fields(_ reply: RESPValue, names: [String]) -> [String: JSONValue] {
        switch reply {
        case .map(let pairs):
            Dictionary(pairs.compactMap { pair in pair.key.text.map { ($0, json(pair.value)) } }) { first, _ in first }
        case .array(let elements):
            Dictionary(zip(names, elements.map(json))) { first, _ in first }
        default: [:]
        }
    }

    /// The fields of a map, or of an array of names and values by turns; nil if it is neither.
    static func pairs(_ reply: RESPValue) -> [String: JSONValue]? {
        switch reply {
        case .map:
            return fields(reply, names: [])
        case .array(let elements):
            guard elements.count.isMultiple(of: 2) else { return nil }
            var fields: [String: JSONValue] = [:]
            for index in stride(from: 0, to: elements.count, by: 2) {
                guard let name = elements[index].text else { return nil }
                fields[name] = json(elements[index + 1])
            }
            return fields
        default:
            return nil
        }
    }

    /// The value as JSON has it. A map whose keys are no text keeps those that are.
    static func json(_ value: RESPValue) -> JSONValue {
        switch value {
        case .simple, .bulk, .verbatim, .bigNumber: .text(value.text ?? "")
        case .error(let text): .text(text)
        case .integer(let number): .integer(number)
        case .boolean(let flag): .boolean(flag)
        case .double(let number): number.isFinite ? .number(number) : .text(String(number))
        case .null: .null
        case .array(let elements), .set(let elements), .push(let elements): .list(elements.map(json))
        case .map: .object(fields(value, names: []))
        }
    }

    /// The failure for a reply of another shape.
    static func unexpected(_ expected: String, _ reply: RESPValue) -> CommandFailure {
        let text = String(json(reply).document.prefix(200))
        return CommandFailure("the gate answered something else than \(expected): \(text)", .fault)
    }
}
