/// Metadata as every object of Stripe has it (docs.stripe.com/api/metadata): sent keys are merged into what is there,
/// an empty value deletes its key, an empty `metadata` deletes all, and 50 keys may be left.
enum Metadata {
    static func merged(_ old: [String: String], _ arguments: Arguments) throws(APIError) -> [String: String] {
        var metadata = arguments["metadata"] == .null ? [:] : old
        for (key, value) in arguments.texts("metadata") { metadata[key] = value.isEmpty ? nil : value }
        guard metadata.count <= 50 else {
            throw .invalid("Metadata can have up to 50 keys.", param: "metadata")
        }
        return metadata
    }

    static func body(_ metadata: [String: String]) -> JSONValue { .object(metadata.mapValues { .text($0) }) }
}
