import Testing

@testable import tollgate

@Suite struct `A conversation with the control API` {
    private func answer(_ status: String, _ body: String) -> ScriptedPeer.Answer {
        ["HTTP/1.1 \(status)\r\nConnection: close\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"]
    }

    private func peer(_ answers: [ScriptedPeer.Answer]) throws -> ScriptedPeer {
        try ScriptedPeer(answers: answers, requestsEndWith: "\r\n\r\n")
    }

    @Test func `all of a list is its pages, one after another`() async throws {
        let peer = try peer([
            answer("200 OK", #"{"tenants":[{"id":"a"}],"next":"a:b"}"#),
            answer("200 OK", #"{"tenants":[],"next":"c"}"#),
            answer("200 OK", #"{"tenants":[{"id":"d"}],"next":null,"later":1}"#),
        ])
        let list = try await ControlClient(socket: peer.path)
            .list(ControlPath("/v1/tenants").setting("plan", "starter"), field: "tenants", all: true)
        #expect(list.document == #"{"later":1,"next":null,"tenants":[{"id":"a"},{"id":"d"}]}"#)
        #expect(
            peer.requests.map { $0.prefix { $0 != "\r\n" } } == [
                "GET /v1/tenants?plan=starter HTTP/1.1", "GET /v1/tenants?plan=starter&after=a%3Ab HTTP/1.1",
                "GET /v1/tenants?plan=starter&after=c HTTP/1.1",
            ])
    }

    @Test func `one page is left as it came`() async throws {
        let peer = try peer([answer("200 OK", #"{"tenants":[{"id":"a"}],"next":"a"}"#)])
        let list = try await ControlClient(socket: peer.path)
            .list(ControlPath("/v1/tenants"), field: "tenants", all: false)
        #expect(list["next"] == .text("a"))
        #expect(peer.requests.count == 1)
    }

    @Test func `a list that comes back to where it was is a fault`() async throws {
        let page = answer("200 OK", #"{"tenants":[],"next":"a"}"#)
        let peer = try peer([page, page, page])
        let failure = await #expect(throws: CommandFailure.self) {
            try await ControlClient(socket: peer.path).list(ControlPath("/v1/tenants"), field: "tenants", all: true)
        }
        #expect(failure?.outcome == .fault)
        #expect(peer.requests.count == 2)
    }

    @Test func `a problem is told in the API's words`() async throws {
        let peer = try peer([answer("409 Conflict", #"{"detail":"3 hours are owed","status":409}"#)])
        await #expect(throws: CommandFailure("3 hours are owed", .refused)) {
            try await ControlClient(socket: peer.path).send("DELETE", ControlPath("/v1/tenants", segment: "acme"))
        }
        #expect(peer.requests.map { $0.prefix { $0 != "\r\n" } } == ["DELETE /v1/tenants/acme HTTP/1.1"])
    }

    @Test func `a peer that is not the control API is told from one`() async throws {
        let peer = try peer([answer("200 OK", "hello"), []])
        let client = try ControlClient(socket: peer.path)
        let text = await #expect(throws: CommandFailure.self) {
            try await client.send("GET", ControlPath("/v1/doctor"))
        }
        #expect(text?.outcome == .unreachable)
        #expect(text?.message.hasPrefix("\(peer.path): the answer to GET /v1/doctor is not JSON") == true)
        let silence = await #expect(throws: CommandFailure.self) {
            try await client.send("GET", ControlPath("/v1/doctor"))
        }
        #expect(silence?.outcome == .unreachable)
        #expect(!peer.requests.isEmpty)
    }
}
