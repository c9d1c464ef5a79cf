import Foundation
import HTTPLink
import Synchronization
import Testing

@Suite struct ExchangeTests {
    private let client: HTTPClient

    init() throws {
        client = try HTTPClient()
    }

    @Test func `a request arrives as it was stated and its answer comes back whole`() async throws {
        let seen = Mutex("")
        let server = try LoopbackServer { connection in
            let request = connection.readRequest() ?? ""
            seen.withLock { $0 = request }
            connection.answer("201 Created", headers: ["X-Kind:  two words ", "Request-Id: req_1"], body: "{\"a\":1}")
        }
        defer { server.stop() }
        let response = try await client.send(
            HTTPRequest(
                method: "POST", url: "\(server.url)/v1/things?x=1",
                headers: [("Idempotency-Key", "k-1"), ("Content-Type", "application/json"), ("X-Empty", "")],
                body: Array("a=\0b".utf8)))
        #expect(response.status == 201)
        #expect(response.headers["x-kind"] == "two words")
        #expect(response.headers["REQUEST-ID"] == "req_1")
        #expect(response.headers["absent"] == nil)
        #expect(String(decoding: response.body, as: UTF8.self) == "{\"a\":1}")
        let request = seen.withLock { $0 }
        #expect(request.hasPrefix("POST /v1/things?x=1 HTTP/1.1\r\n"))
        #expect(request.contains("\r\nIdempotency-Key: k-1\r\n"))
        #expect(request.contains("\r\nContent-Type: application/json\r\n"))
        #expect(request.contains("\r\nX-Empty:\r\n"))
        #expect(!request.lowercased().contains("expect:"))
        #expect(request.hasSuffix("\r\n\r\na=\0b"))
    }

    @Test(arguments: [("GET", ""), ("HEAD", ""), ("POST", ""), ("PUT", "x"), ("PATCH", "x"), ("DELETE", "")])
    func `every method is sent under its own name`(method: String, body: String) async throws {
        let seen = Mutex("")
        let server = try LoopbackServer { connection in
            let request = connection.readRequest() ?? ""
            seen.withLock { $0 = request }
            connection.answer()
        }
        defer { server.stop() }
        let response = try await client.send(HTTPRequest(method: method, url: server.url, body: Array(body.utf8)))
        #expect(response.status == 200)
        let request = seen.withLock { $0 }
        #expect(request.hasPrefix("\(method) / HTTP/1.1\r\n"))
        #expect(request.hasSuffix("\r\n\r\n\(body)"))
        #expect(!request.lowercased().contains("content-type:"))
    }

    @Test func `one connection carries requests that follow one another`() async throws {
        let server = try LoopbackServer { connection in
            while connection.readRequest() != nil { connection.answer(body: "ok") }
        }
        defer { server.stop() }
        for _ in 0..<20 {
            #expect(try await client.send(HTTPRequest(url: server.url)).status == 200)
        }
        #expect(server.acceptedCount == 1)
    }

    @Test func `a connection the server closed after its answer is replaced`() async throws {
        let server = try LoopbackServer { connection in
            _ = connection.readRequest()
            connection.answer(body: "ok")
        }
        defer { server.stop() }
        for _ in 0..<3 {
            #expect(try await client.send(HTTPRequest(method: "POST", url: server.url)).status == 200)
        }
        #expect(server.acceptedCount == 3)
    }

    @Test func `an answer says whether its request had left before, on a connection that broke`() async throws {
        let count = Mutex(0)
        let server = try LoopbackServer { connection in
            while connection.readRequest() != nil {
                let number = count.withLock { count in
                    count += 1
                    return count
                }
                // The second is read and not answered.
                if number == 2 { return }
                connection.answer(number == 3 ? "429 Too Many Requests" : "200 OK")
            }
        }
        defer { server.stop() }
        func send() async throws -> HTTPResponse {
            try await client.send(HTTPRequest(method: "POST", url: server.url, body: Array("a=b".utf8)))
        }
        #expect(try await !send().wasSentAgain)
        let second = try await send()
        #expect(second.status == 429 && second.wasSentAgain && count.withLock { $0 } == 3)
        #expect(try await !send().wasSentAgain)
    }

    @Test(arguments: [(20, 20_000), (1, 5_000)])
    func `the kernel gives up delivering about when the request does`(seconds: Int, milliseconds: Int32) async throws {
        let seen = Mutex<Int32?>(nil)
        let server = try LoopbackServer { connection in
            _ = connection.readRequest()
            let limit = connection.deliveryLimitOfPeer
            seen.withLock { $0 = limit }
            connection.answer()
        }
        defer { server.stop() }
        _ = try await client.send(HTTPRequest(url: server.url, deadline: .seconds(seconds)))
        #expect(seen.withLock { $0 } == milliseconds)
    }

    @Test func `the fields of an informational answer are dropped`() async throws {
        let server = try LoopbackServer { connection in
            _ = connection.readRequest()
            connection.write("HTTP/1.1 103 Early Hints\r\nX-Early: yes\r\n\r\n")
            connection.answer(headers: ["X-Late: yes"])
        }
        defer { server.stop() }
        let response = try await client.send(HTTPRequest(url: server.url))
        #expect(response.status == 200)
        #expect(response.headers["x-early"] == nil)
        #expect(response.headers["x-late"] == "yes")
    }

    @Test func `a redirect is handed to the caller and not followed`() async throws {
        let server = try LoopbackServer { connection in
            while connection.readRequest() != nil {
                connection.answer("302 Found", headers: ["Location: /elsewhere"])
            }
        }
        defer { server.stop() }
        #expect(try await client.send(HTTPRequest(url: server.url)).status == 302)
    }

    @Test func `a request goes to a Unix socket when it names one`() async throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString.prefix(8)).sock")
        defer { try? FileManager.default.removeItem(at: path) }
        let server = try LoopbackServer(unixPath: path.path) { connection in
            while connection.readRequest() != nil { connection.answer(body: "by socket") }
        }
        defer { server.stop() }
        let response = try await client.send(HTTPRequest(url: "http://tollgate/healthz", unixSocket: path.path))
        #expect(String(decoding: response.body, as: UTF8.self) == "by socket")
    }

    @Test func `many requests at once share the connections allowed`() async throws {
        let client = try HTTPClient(configuration: HTTPConfiguration(maxActive: 8))
        let server = try LoopbackServer { connection in
            while let request = connection.readRequest() {
                connection.answer(body: String(request.split(separator: " ")[1]))
            }
        }
        defer { server.stop() }
        let bodies = try await withThrowingTaskGroup(of: String.self) { group in
            for number in 0..<300 {
                group.addTask {
                    let response = try await client.send(HTTPRequest(url: "\(server.url)/\(number)"))
                    return String(decoding: response.body, as: UTF8.self)
                }
            }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(bodies == Set((0..<300).map { "/\($0)" }))
        #expect(server.acceptedCount <= 8)
    }

    @Test func `the thread that does the work is called http`() async throws {
        let server = try LoopbackServer { connection in
            _ = connection.readRequest()
            connection.answer()
        }
        defer { server.stop() }
        _ = try await client.send(HTTPRequest(url: server.url))
        let tasks = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")
        let names = tasks.compactMap { try? String(contentsOfFile: "/proc/self/task/\($0)/comm", encoding: .utf8) }
        #expect(names.contains("http\n"))
    }
}
