import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import RedisLink

/// Between the HTTP server and the routes: checks the token, reads the request whole, and turns every error into a
/// problem document.
struct ControlResponder: HTTPResponder {
    let routes: [ControlRoute]
    /// What the caller must show; nil on the Unix socket, where the socket's mode says who may call.
    let token: BearerToken?
    let logger: Logger

    func respond(to request: Request, context: ControlRequestContext) async throws -> Response {
        do {
            if let token, !token.isShown(in: request.headers[.authorization]) { throw Problem.unauthorized }
            return response(try await answer(request, context))
        } catch let problem as Problem {
            return response(problem.answer)
        } catch let error as StoreError {
            return response(Problem(error).answer)
        } catch {
            logger.error("A request failed", metadata: ["path": "\(request.uri.path)", "reason": "\(error)"])
            return response(Problem.internal("the log of the daemon says more").answer)
        }
    }

    private func answer(_ request: Request, _ context: ControlRequestContext) async throws -> ControlAnswer {
        let path = request.uri.path
        let matches = routes.compactMap { route in route.match(path).map { (route, $0) } }
        guard !matches.isEmpty else { throw Problem.notFound("there is nothing at \(path)", code: "no_such_path") }
        let method = request.method.rawValue
        guard let (route, parameters) = matches.first(where: { $0.0.method == method }) else {
            throw Problem.methodNotAllowed(method, allowed: matches.map(\.0.method))
        }
        let body: ByteBuffer
        do {
            body = try await request.body.collect(upTo: ControlRequest.largestBody)
        } catch is NIOTooManyBytesError {
            throw Problem.tooLarge(limit: ControlRequest.largestBody)
        }
        var query: [String: String] = [:]
        for (name, value) in request.uri.queryParameters { query[String(name)] = String(value) }
        let actor = token == nil ? try await context.peer() : "token:control"
        return try await route.handler(
            ControlRequest(
                method: method, path: path, query: query, body: Array(body.readableBytesView), actor: actor,
                parameters: parameters))
    }

    private func response(_ answer: ControlAnswer) -> Response {
        var headers = HTTPFields()
        for (name, value) in answer.headers {
            if let name = HTTPField.Name(name) { headers[name] = value }
        }
        return Response(
            status: .init(code: answer.status), headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: answer.body)))
    }
}
