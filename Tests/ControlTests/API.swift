import Foundation
import HTTPLink
import ServiceLifecycle
import Synchronization
import TestSupport

@testable import Control

/// A caller of a control plane that serves for the length of a test.
struct API: Sendable {
    let client: HTTPClient
    let socketPath: String
    let tcpPort: Int?
    let plane: ControlPlane

    /// An answer with its body read as JSON.
    struct Answer {
        let status: Int
        let headers: HTTPHeaders
        let text: String
        let json: JSONValue

        subscript(_ path: String...) -> JSONValue? {
            var value: JSONValue? = json
            for name in path {
                switch value {
                case .object(let fields): value = fields[name]
                case .array(let items): value = Int(name).flatMap { items.indices.contains($0) ? items[$0] : nil }
                default: return nil
                }
            }
            return value
        }
    }

    func call(
        _ method: String, _ path: String, _ body: String = "", headers: [(name: String, value: String)] = [],
        overTCP: Bool = false
    ) async throws -> Answer {
        let host = overTCP ? "127.0.0.1:\(tcpPort ?? 0)" : "control"
        let response = try await client.send(
            HTTPRequest(
                method: method, url: "http://\(host)\(path)", headers: headers, body: Array(body.utf8),
                deadline: .seconds(20), unixSocket: overTCP ? nil : socketPath))
        let json = try? JSONDecoder().decode(JSONValue.self, from: Data(response.body))
        return Answer(
            status: response.status, headers: response.headers, text: String(decoding: response.body, as: UTF8.self),
            json: json ?? .null)
    }

    func get(_ path: String) async throws -> Answer { try await call("GET", path) }
    func put(_ path: String, _ body: String) async throws -> Answer { try await call("PUT", path, body) }
    func post(_ path: String) async throws -> Answer { try await call("POST", path) }
    func delete(_ path: String) async throws -> Answer { try await call("DELETE", path) }
}

extension Rig {
    /// Serves while `body` runs, then stops gracefully.
    func serve(_ body: (API) async throws -> Void) async throws {
        let shared = Shared()
        let plane = ControlPlane(context: context, configuration: configuration) { way in
            shared.ways.withLock { $0.append(way) }
        }
        let group = ServiceGroup(configuration: .init(services: [.init(service: plane)], logger: context.logger))
        let running = Task { try await group.run() }
        let wanted = configuration.tcp == nil ? 1 : 2
        try await eventually("the control plane listens") { shared.ways.withLock { $0.count } >= wanted }
        var port: Int?
        for case .tcp(let found) in shared.ways.withLock({ $0 }) { port = found }
        let client = try HTTPClient()
        let api = API(client: client, socketPath: configuration.socketPath, tcpPort: port, plane: plane)
        // From here on the round at the start is over or under way, so an asked one comes after it.
        try await eventually("the flusher runs") { try await api.get("/readyz").status == 200 }
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await body(api))
        } catch {
            outcome = .failure(error)
        }
        client.shutdown()
        await group.triggerGracefulShutdown()
        try await running.value
        try outcome.get()
    }
}

/// What the control plane said it listens on.
private final class Shared: Sendable {
    let ways = Mutex<[ControlPlane.Listening]>([])
}
