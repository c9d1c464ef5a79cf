import Foundation
import HTTPLink

/// Stripe's API description (OpenAPI 3.0), as far as judging a request needs it: which parameters a path takes, which
/// it must have, what their values may be, and at which host it is.
struct StripeContract {
    typealias Object = [String: Any]

    /// Where Stripe's contract data is, if anywhere.
    static let folder: URL? = {
        guard let path = ProcessInfo.processInfo.environment["STRIPE_CONTRACT_DIR"], !path.isEmpty else { return nil }
        return URL(fileURLWithPath: path)
    }()

    struct ReadError: Error {
        let message: String
    }

    let version: String
    private let paths: Object
    private let servers: [String]

    init(_ data: Data) throws {
        let json = try JSONSerialization.jsonObject(with: data) as? Object
        guard let paths = json?["paths"] as? Object, let info = json?["info"] as? Object,
            let version = info["version"] as? String
        else {
            throw ReadError(message: "this is no API description")
        }
        self.paths = paths
        servers = Self.addresses(json)
        self.version = version
    }

    /// What is wrong with the request, a sentence each; empty when Stripe would take it.
    func faults(in request: HTTPRequest) -> [String] {
        guard let url = URLComponents(string: request.url) else { return ["the address cannot be read"] }
        guard let operation = operation(request.method, path: url.path) else {
            return ["there is no \(request.method) \(url.path)"]
        }
        var faults = versionFaults(of: request)
        let query = FormTree(encoded: url.percentEncodedQuery ?? "")
        faults += SchemaCheck.faults(in: query.root, schema: querySchema(of: operation), at: "query")
        faults += bodyFaults(of: request, operation)
        let hosts = operation["servers"] == nil ? servers : Self.addresses(operation)
        if !hosts.isEmpty, !hosts.contains(where: { request.url.hasPrefix("\($0)/") }) {
            faults.append("it is not at \(hosts)")
        }
        return faults + query.faults
    }

    private func bodyFaults(of request: HTTPRequest, _ operation: Object) -> [String] {
        let content = (operation["requestBody"] as? Object)?["content"] as? Object ?? [:]
        let type = request.headers.first { $0.name == "Content-Type" }?.value ?? ""
        if content.isEmpty, request.body.isEmpty { return [] }
        guard let schema = (content[type] as? Object)?["schema"] as? Object else {
            return ["there must be no body of the type \(type)"]
        }
        if type == "application/json" { return JSONCheck.faults(in: request.body, schema: schema) }
        let body = FormTree(encoded: String(decoding: request.body, as: UTF8.self))
        return SchemaCheck.faults(in: body.root, schema: schema, at: "body") + body.faults
    }

    private static func addresses(_ object: Object?) -> [String] {
        (object?["servers"] as? [Object] ?? []).compactMap { $0["url"] as? String }
    }

    private func versionFaults(of request: HTTPRequest) -> [String] {
        var faults: [String] = []
        let header = { (name: String) in request.headers.first { $0.name == name }?.value }
        if header("Stripe-Version") != version { faults.append("the version is not \(version)") }
        if request.method == "POST", !(1...255).contains(header("Idempotency-Key")?.count ?? 0) {
            faults.append("a POST without a usable Idempotency-Key")
        }
        return faults
    }

    /// The operation whose path has the same parts, `{…}` standing for any.
    private func operation(_ method: String, path: String) -> Object? {
        let parts = path.split(separator: "/")
        for (template, item) in paths {
            let wanted = template.split(separator: "/")
            guard wanted.count == parts.count, zip(wanted, parts).allSatisfy({ $0 == $1 || $0.hasPrefix("{") })
            else { continue }
            return (item as? Object)?[method.lowercased()] as? Object
        }
        return nil
    }

    private func querySchema(of operation: Object) -> Object {
        let parameters = (operation["parameters"] as? [Object] ?? []).filter { $0["in"] as? String == "query" }
        var properties: Object = [:]
        for parameter in parameters {
            if let name = parameter["name"] as? String { properties[name] = parameter["schema"] }
        }
        let required = parameters.filter { $0["required"] as? Bool == true }.compactMap { $0["name"] as? String }
        return ["type": "object", "properties": properties, "required": required, "additionalProperties": false]
    }
}
