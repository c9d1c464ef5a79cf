import Foundation
import HTTPLink
import TestSupport
import Testing

@Suite struct HTTP2Tests {
    @Test func `a server that offers HTTP 2 gets all requests on one connection`() async throws {
        let server = try await TLSServer(mode: .http2(answers: true))
        defer { server.stop() }
        let client = try HTTPClient(configuration: HTTPConfiguration(certificateAuthorityFile: server.certificate.path))
        let port = server.port
        try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<20 {
                group.addTask {
                    let request = HTTPRequest(
                        method: "POST", url: "https://127.0.0.1:\(port)/\(number)", body: [0x61])
                    return try await client.send(request).status
                }
            }
            for try await status in group { #expect(status == 200) }
        }
        #expect(server.http2?.connections == 1)
        #expect(server.http2?.requests.count == 20)
    }

    @Test func `an answer that does not come over HTTP 2 leaves the outcome unknown`() async throws {
        let server = try await TLSServer(mode: .http2(answers: false))
        defer { server.stop() }
        let client = try HTTPClient(configuration: HTTPConfiguration(certificateAuthorityFile: server.certificate.path))
        let port = server.port
        let task = Task {
            try await client.send(
                HTTPRequest(method: "POST", url: "https://127.0.0.1:\(port)/", body: [0x61]))
        }
        try await eventually("the request is there") { server.http2?.requests.count == 1 }
        task.cancel()
        let result = await task.result
        let error = #expect(throws: HTTPError.self) { try result.get() }
        #expect(error?.code == .cancelled && error?.isOutcomeUnknown == true)
    }

    @Test func `a server that offers HTTP 1 alone is spoken to in it`() async throws {
        let server = try await TLSServer(mode: .page)
        defer { server.stop() }
        let client = try HTTPClient(configuration: HTTPConfiguration(certificateAuthorityFile: server.certificate.path))
        let response = try await client.send(HTTPRequest(url: "https://127.0.0.1:\(server.port)/"))
        #expect(response.status == 200 && !response.body.isEmpty)
    }
}
