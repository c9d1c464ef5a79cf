import HTTPTypes
import Hummingbird
import NIOCore

/// Between the HTTP server and the account: reads a request whole, and writes or cuts what comes back.
struct SandboxResponder: HTTPResponder {
    let account: Account

    func respond(to request: Request, context: SandboxContext) async throws -> Response {
        let body: ByteBuffer
        do {
            body = try await request.body.collect(upTo: APIRequest.maximumBodyBytes)
        } catch is NIOTooManyBytesError {
            let limit = APIError.invalid(
                "The request body is larger than \(APIRequest.maximumBodyBytes) bytes.", status: 413)
            return response(limit.answer(to: read(request, ByteBuffer())))
        }
        let read = read(request, body)
        if read.path.hasPrefix("/_sandbox/") { return response(await account.control(read)) }
        switch try await account.respond(to: read) {
        case .answer(let answer):
            return response(answer)
        case .partial(let answer):
            return halfResponse(answer)
        case .close:
            try await context.cut(reset: false)
        case .reset:
            try await context.cut(reset: true)
        }
        // Nobody reads this: the connection is gone.
        return Response(status: .internalServerError)
    }

    private func read(_ request: Request, _ body: ByteBuffer) -> APIRequest {
        var headers: [String: String] = [:]
        for field in request.headers { headers[field.name.canonicalName] = field.value }
        return APIRequest(
            method: request.method.rawValue, path: request.uri.path, query: request.uri.query ?? "",
            headers: headers, body: Array(body.readableBytesView))
    }

    /// An answer whose connection closes in the middle of its body.
    private func halfResponse(_ answer: APIAnswer) -> Response {
        let half = ByteBuffer(bytes: answer.body.prefix(answer.body.count / 2))
        var whole = response(answer)
        whole.body = ResponseBody(contentLength: answer.body.count) { writer in
            try await writer.write(half)
            throw CutShort()
        }
        return whole
    }

    /// Makes the server close the connection.
    private struct CutShort: Error {}

    private func response(_ answer: APIAnswer) -> Response {
        var headers = HTTPFields()
        for (name, value) in answer.headers {
            if let name = HTTPField.Name(name) { headers[name] = value }
        }
        return Response(
            status: .init(code: answer.status), headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: answer.body)))
    }
}
