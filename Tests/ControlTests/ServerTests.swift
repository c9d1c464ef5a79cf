import Foundation
import Glibc
import HTTPLink
import TestSupport
import Testing

@testable import Control

@Suite struct ServerTests {
    @Test func `the socket is its owner's alone and goes with the server`() async throws {
        let rig = try await Rig()
        let path = rig.configuration.socketPath
        try await rig.serve { api in
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            #expect(attributes[.type] as? FileAttributeType == .typeSocket)
            #expect(attributes[.posixPermissions] as? Int == 0o600)
            #expect(try await api.get("/healthz").status == 200)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: rig.directory.path).isEmpty)
    }

    @Test func `a socket that a dead process left is replaced`() async throws {
        let rig = try await Rig()
        let descriptor = try Self.bind(rig.configuration.socketPath, listening: true)
        close(descriptor)
        try await rig.serve { api in
            let health = try await api.get("/healthz")
            #expect(health.status == 200)
        }
    }

    @Test func `a path that is used or no socket is refused and left alone`() async throws {
        let rig = try await Rig()
        let path = rig.configuration.socketPath
        let descriptor = try Self.bind(path, listening: true)
        let plane = ControlPlane(context: rig.context, configuration: rig.configuration)
        let used = await #expect(throws: ControlServerError.self) { try await plane.run() }
        #expect(used?.description.contains("in use") == true)
        close(descriptor)
        unlink(path)
        try rig.directory.write("mine", to: "control.sock")
        let taken = await #expect(throws: ControlServerError.self) {
            try await ControlPlane(context: rig.context, configuration: rig.configuration).run()
        }
        #expect(taken?.description.contains("not a socket") == true)
        #expect(FileManager.default.contents(atPath: path) == Data("mine".utf8))
    }

    @Test func `an address that cannot be used stops the start and is named`() async throws {
        let rig = try await Rig(token: "s3cret")
        try await rig.serve { api in
            var configuration = rig.configuration
            configuration.socketPath = rig.directory.file("second.sock")
            configuration.tcp?.port = try #require(api.tcpPort)
            let second = ControlPlane(context: rig.context, configuration: configuration)
            let error = await #expect(throws: ControlServerError.self) { try await second.run() }
            #expect(error?.description.contains("127.0.0.1:\(api.tcpPort ?? 0)") == true)
        }
        var configuration = rig.configuration
        configuration.socketPath = rig.directory.file(String(repeating: "x", count: 90))
        let long = ControlPlane(context: rig.context, configuration: configuration)
        let error = await #expect(throws: ControlServerError.self) { try await long.run() }
        #expect(error?.description.contains("at most 90") == true)
    }

    @Test func `every error is a problem document`() async throws {
        let rig = try await Rig()
        try await rig.serve { api in
            let missing = try await api.get("/v2/nothing")
            #expect(missing.status == 404)
            #expect(missing.headers["content-type"] == "application/problem+json")
            #expect(missing["status"] == .integer(404) && missing["code"] == .string("no_such_path"))
            #expect(missing["type"] == .string("about:blank") && missing["title"] == .string("Not Found"))
            let wrong = try await api.post("/v1/tenants/acme")
            #expect(wrong.status == 405 && wrong.headers["allow"] == "GET, PUT, DELETE")
            #expect(wrong["code"] == .string("method_not_allowed"))
            for path in [
                "/v1/tenants?limit=0", "/v1/tenants?limit=1001", "/v1/tenants?limt=5", "/v1/tenants?status=fine",
                "/v1/tenants/a%20b", "/v1/tenants?after=%00", "/v1/billing/outbox?after=x",
                "/v1/billing/outbox?tenant=a%2Fb",
            ] {
                let answer = try await api.get(path)
                #expect(answer.status == 400, "\(path)")
                #expect(answer.headers["content-type"] == "application/problem+json")
            }
            let large = try await api.put("/v1/tenants/acme", String(repeating: " ", count: (1 << 20) + 1))
            #expect(large.status == 413)
        }
    }

    @Test func `without Redis calls answer 503 and readiness says why`() async throws {
        let rig = try await Rig()
        try await rig.serve { api in
            try await eventually("it is ready") { try await api.get("/readyz").status == 200 }
            rig.redis.kill()
            let answer = try await api.get("/v1/tenants")
            #expect(answer.status == 503)
            #expect(answer.headers["retry-after"] == "1")
            #expect(answer["code"] == .string("store"))
            let ready = try await api.get("/readyz")
            #expect(ready.status == 503)
            #expect(ready["gate"] == .string("ok") && ready["redis"] != .string("ok"))
            #expect(try await api.get("/healthz").status == 200)
            let metrics = try await api.get("/metrics")
            #expect(metrics.status == 200 && metrics.text.contains("tollgate_redis_up 0\n"))
        }
    }

    @Test func `over TCP only the token opens`() async throws {
        let rig = try await Rig(token: "s3cret")
        try await rig.serve { api in
            for header in [nil, "Bearer wrong1", "Bearer s3cre", "Basic s3cret", "s3cret"] {
                let headers = header.map { [(name: "Authorization", value: $0)] } ?? []
                let answer = try await api.call("GET", "/healthz", headers: headers, overTCP: true)
                #expect(answer.status == 401, "\(header ?? "none")")
                #expect(answer.headers["www-authenticate"] == "Bearer")
            }
            let headers = [(name: "Authorization", value: "Bearer s3cret")]
            #expect(try await api.call("GET", "/healthz", headers: headers, overTCP: true).status == 200)
            #expect(try await api.get("/healthz").status == 200)
        }
    }

    @Test func `metrics are the gate's and our own`() async throws {
        let rig = try await Rig()
        try await rig.put("acme", customer: nil)
        try await rig.owe("acme", total: 5)
        try await rig.serve { api in
            _ = try await api.post("/v1/billing/flush")
            let page = try await api.get("/metrics")
            #expect(page.headers["content-type"]?.hasPrefix("text/plain; version=0.0.4") == true)
            for line in [
                "# TYPE gate_calls_total counter", "gate_calls_total 7", "tollgate_owed_hours 1", "tollgate_tenants 1",
                "tollgate_waiting_hours{state=\"no_customer\"} 1", "tollgate_build_info{version=\"1.2.3\"} 1",
                "tollgate_strangers 0", "tollgate_redis_up 1", "tollgate_start_time_seconds 1800001800",
            ] {
                #expect(page.text.contains(line + "\n"), "\(line)")
            }
        }
    }

    @Test func `labels and help are escaped and numbers written as Prometheus reads them`() {
        let page = Metric.page([
            Metric("a", help: "x\\y\nz", kind: .gauge, samples: [.init(1.5, labels: [("l", "q\"\\\n")])]),
            Metric(
                "b", help: "h", kind: .histogram,
                samples: [.init(.infinity, labels: [("le", "+Inf")], suffix: "_bucket")]),
        ])
        #expect(
            page == """
                # HELP a x\\\\y\\nz
                # TYPE a gauge
                a{l="q\\"\\\\\\n"} 1.5
                # HELP b h
                # TYPE b histogram
                b_bucket{le="+Inf"} +Inf

                """)
    }

    @Test func `the OpenAPI document describes exactly the routes`() async throws {
        let rig = try await Rig()
        try await rig.serve { api in
            let document = try await api.get("/openapi.json")
            #expect(document["openapi"] == .string("3.1.0"))
            guard case .object(let paths) = document["paths"] else {
                Issue.record("no paths")
                return
            }
            var described: Set<String> = []
            for (path, methods) in paths {
                guard case .object(let methods) = methods else { continue }
                for method in methods.keys where method != "parameters" {
                    described.insert("\(method.uppercased()) \(path)")
                }
            }
            let routes = ControlAPI(
                context: rig.context, configuration: rig.configuration, flusher: rig.flusher()
            ).routes.map { "\($0.method) \($0.template)" }
            #expect(described == Set(routes))
            #expect(routes.count == Set(routes).count)
        }
    }

    private static func bind(_ path: String, listening: Bool) throws -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(result == 0)
        if listening { try #require(listen(descriptor, 8) == 0) }
        return descriptor
    }
}
