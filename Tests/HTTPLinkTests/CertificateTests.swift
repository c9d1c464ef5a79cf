import Foundation
import HTTPLink
import Testing

@Suite struct CertificateTests {
    @Test func `a certificate that nobody vouches for is refused and nothing is sent`() async throws {
        let server = try await TLSServer()
        defer { server.stop() }
        let client = try HTTPClient()
        let error = await #expect(throws: HTTPError.self) {
            try await client.send(HTTPRequest(url: "https://127.0.0.1:\(server.port)/"))
        }
        #expect(error?.code == .tls)
        #expect(error?.isOutcomeUnknown == false)
    }

    @Test func `a certificate of the configured authority is taken, for its own name only`() async throws {
        let server = try await TLSServer()
        defer { server.stop() }
        let client = try HTTPClient(
            configuration: HTTPConfiguration(certificateAuthorityFile: server.certificate.path))
        #expect(try await client.send(HTTPRequest(url: "https://127.0.0.1:\(server.port)/")).status == 200)
        let error = await #expect(throws: HTTPError.self) {
            try await client.send(HTTPRequest(url: "https://localhost:\(server.port)/"))
        }
        #expect(error?.code == .tls)
    }

    @Test func `a server without TLS is refused when TLS was asked for`() async throws {
        let server = try LoopbackServer { connection in
            _ = connection.receive()
            connection.answer()
        }
        defer { server.stop() }
        let client = try HTTPClient()
        let error = await #expect(throws: HTTPError.self) {
            try await client.send(HTTPRequest(url: "https://127.0.0.1:\(server.port)/"))
        }
        #expect(error?.code == .tls)
    }
}
