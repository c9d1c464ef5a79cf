import HTTPLink
import Testing

@Suite struct FailureTests {
    /// The error of a request that must fail; a success is one recorded issue.
    private func failure(
        of request: HTTPRequest, by client: HTTPClient, at location: SourceLocation = #_sourceLocation
    ) async throws -> HTTPError {
        try await #require(
            throws: HTTPError.self, sourceLocation: location, performing: { _ = try await client.send(request) })
    }

    @Test func `a refused connection means nothing was sent`() async throws {
        let port = try LoopbackServer.closedPort()
        let error = try await failure(
            of: HTTPRequest(method: "POST", url: "http://127.0.0.1:\(port)/v1/x?secret=1"), by: HTTPClient())
        #expect(error.code == .couldNotConnect)
        #expect(!error.isOutcomeUnknown)
        #expect(error.message.contains("POST http://127.0.0.1:\(port)/v1/x"))
        #expect(!error.message.contains("secret"))
    }

    @Test func `a missing Unix socket means nothing was sent`() async throws {
        let error = try await failure(
            of: HTTPRequest(url: "http://tollgate/", unixSocket: "/nonexistent/control.sock"), by: HTTPClient())
        #expect(error.code == .couldNotConnect)
        #expect(!error.isOutcomeUnknown)
    }

    @Test func `an answer that does not come in time leaves the outcome unknown`() async throws {
        let server = try LoopbackServer { connection in
            _ = connection.readRequest()
            connection.waitForClose()
        }
        defer { server.stop() }
        let error = try await failure(
            of: HTTPRequest(method: "POST", url: server.url, body: [0x61], deadline: .milliseconds(200)),
            by: HTTPClient())
        #expect(error.code == .timedOutAfterSending)
        #expect(error.isOutcomeUnknown)
        #expect(error.description.contains("may have acted"))
    }

    @Test func `a handshake that does not end in time means nothing was sent`() async throws {
        let server = try LoopbackServer { $0.waitForClose() }
        defer { server.stop() }
        let error = try await failure(
            of: HTTPRequest(url: "https://127.0.0.1:\(server.port)/", deadline: .milliseconds(200)), by: HTTPClient())
        #expect(error.code == .timedOutBeforeSending)
        #expect(!error.isOutcomeUnknown)
    }

    @Test func `the wait for a free place counts toward the deadline`() async throws {
        let client = try HTTPClient(configuration: HTTPConfiguration(maxActive: 1))
        let hasRequest = Signal()
        let server = try LoopbackServer { connection in
            _ = connection.readRequest()
            hasRequest.fire()
            connection.waitForClose()
        }
        defer { server.stop() }
        let first = Task { try await client.send(HTTPRequest(url: server.url)) }
        #expect(await hasRequest.wait())
        let error = try await failure(
            of: HTTPRequest(url: server.url, deadline: .milliseconds(100)), by: client)
        #expect(error.code == .timedOutBeforeSending)
        #expect(server.acceptedCount == 1)
        first.cancel()
        _ = await first.result
    }

    @Test func `a connection closed instead of an answer leaves the outcome unknown`() async throws {
        let server = try LoopbackServer { _ = $0.readRequest() }
        defer { server.stop() }
        let error = try await failure(of: HTTPRequest(method: "POST", url: server.url), by: HTTPClient())
        #expect(error.code == .closedAfterSending)
        #expect(error.isOutcomeUnknown)
    }

    @Test func `a reset in the middle of an answer leaves the outcome unknown`() async throws {
        let server = try LoopbackServer { connection in
            _ = connection.readRequest()
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
            connection.resetOnClose()
        }
        defer { server.stop() }
        let error = try await failure(of: HTTPRequest(method: "POST", url: server.url), by: HTTPClient())
        #expect(error.code == .closedAfterSending)
        #expect(error.isOutcomeUnknown)
    }

    @Test func `an answer cut short by an orderly close leaves the outcome unknown`() async throws {
        let server = try LoopbackServer { connection in
            _ = connection.readRequest()
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        }
        defer { server.stop() }
        let error = try await failure(of: HTTPRequest(method: "POST", url: server.url), by: HTTPClient())
        #expect(error.code == .closedAfterSending)
        #expect(error.isOutcomeUnknown)
    }

    @Test func `bytes that are no HTTP are a bad response`() async throws {
        let server = try LoopbackServer { connection in
            _ = connection.readRequest()
            connection.write("-ERR this is another protocol\r\n")
        }
        defer { server.stop() }
        let error = try await failure(of: HTTPRequest(url: server.url), by: HTTPClient())
        #expect(error.code == .badResponse)
    }

    @Test func `an answer may be as large as allowed and not a byte larger`() async throws {
        let client = try HTTPClient(configuration: HTTPConfiguration(maxResponseBytes: 1000))
        let server = try LoopbackServer { connection in
            while let request = connection.readRequest() {
                let count = Int(request.split(separator: " ")[1].dropFirst()) ?? 0
                connection.answer(body: String(repeating: "x", count: count))
            }
        }
        defer { server.stop() }
        #expect(try await client.send(HTTPRequest(url: "\(server.url)/1000")).body.count == 1000)
        let error = try await failure(of: HTTPRequest(url: "\(server.url)/1001"), by: client)
        #expect(error.code == .responseTooLarge)
        #expect(try await client.send(HTTPRequest(url: "\(server.url)/7")).body.count == 7)
    }

    @Test func `header fields without end are a response too large`() async throws {
        let client = try HTTPClient(configuration: HTTPConfiguration(maxResponseBytes: 1000))
        let server = try LoopbackServer { connection in
            _ = connection.readRequest()
            connection.answer(headers: (0..<100).map { "X-\($0): \(String(repeating: "y", count: 50))" })
        }
        defer { server.stop() }
        let error = try await failure(of: HTTPRequest(url: server.url), by: client)
        #expect(error.code == .responseTooLarge)
    }

    @Test(arguments: [
        HTTPRequest(url: "ftp://127.0.0.1/"),
        HTTPRequest(url: "http://127.0.0.1/a b"),
        HTTPRequest(url: "http://user:word@127.0.0.1/"),
        HTTPRequest(url: "http://127.0.0.1:99999/"),
        HTTPRequest(method: "get", url: "http://127.0.0.1/"),
        HTTPRequest(method: "", url: "http://127.0.0.1/"),
        HTTPRequest(url: "http://127.0.0.1/", headers: [("X-A", "1\r\nX-B: 2")]),
        HTTPRequest(url: "http://127.0.0.1/", headers: [("X-A: 1\r\nX-B", "2")]),
        HTTPRequest(url: "http://127.0.0.1/", headers: [("", "2")]),
    ])
    func `what cannot be a request is refused before anything is sent`(request: HTTPRequest) async throws {
        let error = try await failure(of: request, by: HTTPClient())
        #expect(!error.isOutcomeUnknown)
        #expect(error.code == .invalidRequest)
        #expect(!error.message.contains("word"))
    }
}
