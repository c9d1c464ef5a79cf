import Foundation

/// One request, read whole.
struct ControlRequest: Sendable {
    /// The most bytes a body may have.
    static let largestBody = 1 << 20

    let method: String
    let path: String
    /// Decoded; of a name that comes twice the last counts.
    let query: [String: String]
    let body: [UInt8]
    /// Who asks, in the words of the audit stream: `uid:1000`, or `token:control` over TCP.
    let actor: String
    /// What stands in the path where the route's template has a name in braces.
    var parameters: [String: String] = [:]

    /// A part of the path, by its name in the template.
    func parameter(_ name: String) -> String { parameters[name] ?? "" }

    /// Refuses a query with names the route does not know: a filter that is misspelt would otherwise show everything.
    func allowQuery(_ names: String...) throws(Problem) {
        guard let unknown = query.keys.filter({ !names.contains($0) }).min() else { return }
        let known = names.isEmpty ? "takes none" : "takes \(names.joined(separator: ", "))"
        throw .badRequest("unknown query parameter \"\(unknown)\": this path \(known)", code: "unknown_parameter")
    }

    /// The `limit` of a page: 1…1000, 100 if it is not given.
    func pageLimit() throws(Problem) -> Int {
        guard let text = query["limit"] else { return 100 }
        guard let limit = Int(text), (1...1000).contains(limit) else {
            throw .badRequest("limit is a number from 1 to 1000, not \"\(text)\"", code: "bad_limit")
        }
        return limit
    }

    /// The fields of a JSON object.
    func object() throws(Problem) -> [String: JSONValue] {
        do {
            guard case .object(let fields) = try JSONDecoder().decode(JSONValue.self, from: Data(body)) else {
                throw Problem.badRequest("the body must be a JSON object", code: "bad_json")
            }
            return fields
        } catch let problem as Problem {
            throw problem
        } catch {
            throw .badRequest("the body is not JSON", code: "bad_json")
        }
    }
}
