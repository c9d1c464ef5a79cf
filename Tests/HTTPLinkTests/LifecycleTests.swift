import HTTPLink
import Testing

@Suite struct LifecycleTests {
    /// Answers nothing, and says when a request has come.
    private func silentServer(_ hasRequest: Signal) throws -> LoopbackServer {
        try LoopbackServer { connection in
            _ = connection.readRequest()
            hasRequest.fire()
            connection.waitForClose()
        }
    }

    private func code(of result: Result<HTTPResponse, any Error>) -> HTTPError.Code? {
        guard case .failure(let error as HTTPError) = result else { return nil }
        return error.code
    }

    @Test func `cancelling the task ends a transfer under way`() async throws {
        let client = try HTTPClient()
        let hasRequest = Signal()
        let server = try silentServer(hasRequest)
        defer { server.stop() }
        let task = Task { try await client.send(HTTPRequest(url: server.url)) }
        #expect(await hasRequest.wait())
        task.cancel()
        let result = await task.result
        #expect(code(of: result) == .cancelled)
        #expect(throws: HTTPError.self) { try result.get() }
        guard case .failure(let error as HTTPError) = result else { return }
        #expect(error.isOutcomeUnknown)
    }

    @Test func `a task cancelled before it sends makes no connection`() async throws {
        let client = try HTTPClient()
        let server = try LoopbackServer { $0.waitForClose() }
        defer { server.stop() }
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await client.send(HTTPRequest(url: server.url))
        }
        #expect(code(of: await task.result) == .cancelled)
        #expect(server.acceptedCount == 0)
    }

    @Test func `a request cancelled in the queue never reaches the server`() async throws {
        let client = try HTTPClient(configuration: HTTPConfiguration(maxActive: 1))
        let hasRequest = Signal()
        let server = try silentServer(hasRequest)
        defer { server.stop() }
        let first = Task { try await client.send(HTTPRequest(url: server.url)) }
        #expect(await hasRequest.wait())
        let second = Task { try await client.send(HTTPRequest(url: server.url)) }
        second.cancel()
        #expect(code(of: await second.result) == .cancelled)
        first.cancel()
        #expect(code(of: await first.result) == .cancelled)
        #expect(server.acceptedCount == 1)
    }

    @Test func `one request more than allowed is refused at once`() async throws {
        let client = try HTTPClient(configuration: HTTPConfiguration(maxActive: 1, maxPending: 1))
        let hasRequest = Signal()
        let server = try silentServer(hasRequest)
        defer { server.stop() }
        let first = Task { try await client.send(HTTPRequest(url: server.url)) }
        #expect(await hasRequest.wait())
        let error = await #expect(throws: HTTPError.self) { try await client.send(HTTPRequest(url: server.url)) }
        #expect(error?.code == .queueFull)
        first.cancel()
        _ = await first.result
        // The place is free again.
        let port = try LoopbackServer.closedPort()
        let next = await #expect(throws: HTTPError.self) {
            try await client.send(HTTPRequest(url: "http://127.0.0.1:\(port)"))
        }
        #expect(next?.code == .couldNotConnect)
    }

    @Test func `shutting down ends what is under way, what waits and what comes later`() async throws {
        let client = try HTTPClient(configuration: HTTPConfiguration(maxActive: 1))
        let hasRequest = Signal()
        let server = try silentServer(hasRequest)
        defer { server.stop() }
        let tasks = (0..<5).map { _ in Task { try await client.send(HTTPRequest(url: server.url)) } }
        #expect(await hasRequest.wait())
        client.shutdown()
        client.shutdown()
        for task in tasks {
            #expect(code(of: await task.result) == .shutDown)
        }
        let later = await #expect(throws: HTTPError.self) { try await client.send(HTTPRequest(url: server.url)) }
        #expect(later?.code == .shutDown)
        #expect(later?.isOutcomeUnknown == false)
        #expect(server.acceptedCount == 1)
    }

    @Test func `requests cancelled, answered and shut down in a rush each end once`() async throws {
        let server = try LoopbackServer { connection in
            while connection.readRequest() != nil { connection.answer() }
        }
        defer { server.stop() }
        for round in 0..<20 {
            let client = try HTTPClient(configuration: HTTPConfiguration(maxActive: 4, maxPending: 40))
            let tasks = (0..<50).map { _ in Task { try await client.send(HTTPRequest(url: server.url)) } }
            for task in tasks.dropFirst(round) where round % 2 == 0 { task.cancel() }
            if round % 3 == 0 { client.shutdown() }
            let allowed: Set<HTTPError.Code?> = [nil, .cancelled, .shutDown, .queueFull]
            for task in tasks {
                #expect(allowed.contains(code(of: await task.result)))
            }
        }
    }
}
