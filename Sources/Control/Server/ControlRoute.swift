import Foundation

/// One path and method, and what answers it.
struct ControlRoute: Sendable {
    /// In capitals.
    let method: String
    /// Like `/v1/tenants/{id}`, as OpenAPI writes it.
    let template: String
    let handler: @Sendable (ControlRequest) async throws -> ControlAnswer

    init(
        _ method: String, _ template: String,
        _ handler: @escaping @Sendable (ControlRequest) async throws -> ControlAnswer
    ) {
        self.method = method
        self.template = template
        self.handler = handler
    }

    /// What the path has where the template has names; nil when it is another path.
    func match(_ path: String) -> [String: String]? {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        let names = template.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == names.count else { return nil }
        var parameters: [String: String] = [:]
        for (part, name) in zip(parts, names) {
            if name.hasPrefix("{") {
                // An undecodable part is kept as it is: it then is no id.
                let decoded = String(part).removingPercentEncoding ?? String(part)
                parameters[String(name.dropFirst().dropLast())] = decoded
            } else if part != name {
                return nil
            }
        }
        return parameters
    }
}
