import HTTPLink

/// Asks the daemon's control API over its Unix socket.
struct ControlClient {
    /// How long an ordinary question may take.
    static let usualDeadline: Duration = .seconds(30)

    private let http: HTTPClient
    private let socket: String

    /// - Parameter socket: the path of a socket that somebody listens on.
    init(socket: String) throws(CommandFailure) {
        do {
            http = try HTTPClient()
        } catch {
            throw CommandFailure(error.description, .fault)
        }
        self.socket = socket
    }

    /// Sends one request and returns the answer's document; null for an answer without one.
    ///
    /// - Throws: what the API's problem document says, with the exit code of ``ControlProblem``.
    func send(
        _ method: String, _ path: ControlPath, body: JSONValue? = nil, deadline: Duration = usualDeadline
    ) async throws(CommandFailure) -> JSONValue {
        let request = HTTPRequest(
            method: method, url: "http://localhost\(path.text)",
            headers: [("Accept", "application/json")] + (body == nil ? [] : [("Content-Type", "application/json")]),
            body: body.map { Array($0.document.utf8) } ?? [], deadline: deadline, unixSocket: socket)
        let response: HTTPResponse
        do {
            response = try await http.send(request)
        } catch {
            throw CommandFailure("\(socket): \(error)", .unreachable)
        }
        guard (200...299).contains(response.status) else {
            throw ControlProblem(status: response.status, body: response.body).failure
        }
        if response.body.isEmpty { return .null }
        guard let document = JSONValue(document: response.body) else {
            throw CommandFailure(
                "\(socket): the answer to \(method) \(path.text) is not JSON: does another program listen there?",
                .unreachable)
        }
        return document
    }

    /// A page of a list, or all of it from there on.
    ///
    /// - Parameters:
    ///   - field: the name of the list in the answer.
    ///   - all: whether to follow `next` to the list's end. The answer's `next` is null then.
    func list(_ path: ControlPath, field: String, all: Bool) async throws(CommandFailure) -> JSONValue {
        var path = path
        var items: [JSONValue] = []
        var cursors: Set<String> = []
        while true {
            let page = try await send("GET", path)
            guard let part = page[field]?.list else {
                throw CommandFailure("\(socket): the answer to GET \(path.text) has no \(field)", .fault)
            }
            items += part
            guard all, let next = page["next"]?.words else {
                guard case .object(let members) = page else { return page }
                return .object(members.merging([field: .list(items)]) { $1 })
            }
            // A list that came back to where it was would go on for ever.
            guard cursors.insert(next).inserted else {
                throw CommandFailure("\(socket): the list of \(field) does not end", .fault)
            }
            path.set("after", next)
        }
    }
}
