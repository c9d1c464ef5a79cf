import Foundation

/// What a route answers.
struct ControlAnswer {
    var status = 200
    var headers: [(name: String, value: String)] = []
    var body: [UInt8] = []

    /// JSON with names in order, so that equal values are equal bytes.
    static func json(_ value: some Encodable, status: Int = 200) -> ControlAnswer {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return ControlAnswer(
                status: status, headers: [("Content-Type", "application/json")], body: Array(try encoder.encode(value)))
        } catch {
            // Only a number that is not finite cannot be encoded, and no answer holds one.
            return ControlAnswer(status: 500, headers: [], body: Array("\(error)".utf8))
        }
    }

    static func text(_ text: String, type: String = "text/plain; charset=utf-8") -> ControlAnswer {
        ControlAnswer(status: 200, headers: [("Content-Type", type)], body: Array(text.utf8))
    }
}
