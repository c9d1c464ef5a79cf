import Billing
import Foundation
import HTTPLink
import Logging
import RedisLink
import Synchronization
import TestSupport
import Testing

@testable import Control

@Suite struct NotifierTests {
    /// Stands in for the receiver: keeps what it gets, and answers as the test says.
    private final class Receiver: Sendable {
        struct State {
            var answer: @Sendable (String) -> Int = { _ in 200 }
            var attempts: [HTTPRequest] = []
        }

        let state = Mutex(State())

        /// The tenants of all attempts.
        var tenants: [String] { state.withLock { $0.attempts.map(Self.tenant) } }

        static func tenant(_ request: HTTPRequest) -> String {
            let text = String(decoding: request.body, as: UTF8.self)
            return text.split(separator: "\"tenant\":\"").last.map { String($0.prefix { $0 != "\"" }) } ?? ""
        }

        func answer(_ status: @escaping @Sendable (String) -> Int) { state.withLock { $0.answer = status } }

        func send(_ request: HTTPRequest) -> Result<HTTPResponse, HTTPError> {
            let status = state.withLock { state in
                state.attempts.append(request)
                return state.answer(Self.tenant(request))
            }
            guard status > 0 else {
                return .failure(HTTPError(code: .couldNotConnect, message: "no connection", isOutcomeUnknown: false))
            }
            return .success(HTTPResponse(status: status))
        }
    }

    private static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

    /// Runs `body` beside a notifier, and ends that afterwards.
    private func run(
        _ rig: Rig, _ receiver: Receiver, holder: String = "h1", lines: NoticeLines = NoticeLines(),
        _ body: (Notifier) async throws -> Void
    ) async throws {
        let signature = try #require(NoticeSignature(secret: Self.secret))
        let endpoint = NoticeEndpoint(
            url: "https://hooks.test/x", signatures: [signature, signature], timeout: .seconds(1), holder: holder,
            auditMilliseconds: 1 << 40, send: { receiver.send($0) })
        let notifier = Notifier(context: rig.context, endpoint: endpoint, version: "1.2.3", lines: lines)
        let task = Task { await notifier.run() }
        let result: Result<Void, any Error>
        do {
            try await body(notifier)
            result = .success(())
        } catch {
            result = .failure(error)
        }
        task.cancel()
        await task.value
        await notifier.letGo()
        try result.get()
    }

    private func write(_ rig: Rig, _ tenant: String, number: Int = 1, data: String? = nil) async throws {
        let key = rig.store.keys.notices(rig.store.keys.partition(of: tenant))
        let data = data ?? "{\"tenant\":\"\(tenant)\",\"number\":\(number)}"
        _ = try await rig.store.client.command(
            ["XADD", key, "*", "type", "threshold.crossed", "tenant", tenant, "data", data])
    }

    private func wait(_ rig: Rig, for count: Int) async throws {
        try await eventually("\(count) notices wait") { try await rig.store.noticeCount() == count }
    }

    @Test func `a notice is posted as Standard Webhooks has it, and is gone then`() async throws {
        let rig = try await Rig(isRealTime: true)
        let receiver = Receiver()
        try await write(rig, "acme")
        try await run(rig, receiver) { _ in
            try await wait(rig, for: 0)
            let request = try #require(receiver.state.withLock { $0.attempts.first })
            func header(_ name: String) -> String { request.headers.first { $0.name == name }?.value ?? "" }
            let body = String(decoding: request.body, as: UTF8.self)
            #expect(body.hasPrefix("{\"type\":\"threshold.crossed\",\"timestamp\":\"20"))
            #expect(body.hasSuffix("\"data\":{\"tenant\":\"acme\",\"number\":1}}"))
            #expect(header("webhook-id").hasSuffix("-0-p\(rig.store.keys.partition(of: "acme"))"))
            let now = Int64(Date().timeIntervalSince1970)
            #expect((now - 60...now).contains(Int64(header("webhook-timestamp")) ?? 0))
            let signatures = header("webhook-signature").split(separator: " ")
            #expect(signatures.count == 2 && signatures.allSatisfy { $0.hasPrefix("v1,") && $0.count == 47 })
        }
    }

    @Test func `a signature is what the Standard Webhooks reference makes`() throws {
        let signature = try #require(NoticeSignature(secret: Self.secret))
        // The example of the reference implementation's own tests.
        let body = Array("{\"test\": 2432232314}".utf8)
        let text = signature.text(id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: 1_614_265_330, body: body)
        #expect(text == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
        #expect(NoticeSignature(secret: "secret") == nil && "\(signature)" == "(signature)")
    }

    @Test func `a refused notice keeps its tenant's later ones back, and nobody else's`() async throws {
        let rig = try await Rig(isRealTime: true)
        let receiver = Receiver()
        receiver.answer { $0 == "acme" ? 500 : 200 }
        for number in 1...3 { try await write(rig, "acme", number: number) }
        try await write(rig, "globex")
        try await run(rig, receiver) { notifier in
            try await wait(rig, for: 3)
            try await eventually("it was tried again") { await notifier.status.failed >= 2 }
            let bodies = receiver.state.withLock { $0.attempts.map { String(decoding: $0.body, as: UTF8.self) } }
            #expect(bodies.filter { $0.contains("acme") }.allSatisfy { $0.contains("\"number\":1}") })
            receiver.answer { _ in 200 }
            try await wait(rig, for: 0)
        }
        let numbers = receiver.state.withLock { state in
            state.attempts.filter { Receiver.tenant($0) == "acme" }.suffix(3).map {
                String(decoding: $0.body, as: UTF8.self).suffix(3)
            }
        }
        #expect(numbers == ["1}}", "2}}", "3}}"])
    }

    @Test func `what could not be delivered within a day is given up, and the audit stream says so`() async throws {
        let rig = try await Rig(isRealTime: true)
        let receiver = Receiver()
        receiver.answer { _ in 0 }
        try await write(rig, "acme")
        try await run(rig, receiver, lines: NoticeLines(lifetime: .milliseconds(1))) { notifier in
            try await wait(rig, for: 0)
            try await eventually("it is counted") { await notifier.status.dropped == 1 }
        }
        let key = rig.store.keys.audit(rig.store.keys.partition(of: "acme"))
        let entries = "\(try await rig.store.client.command(["XRANGE", key, "-", "+"]))"
        for part in ["notice.dropped", "timer:notices", "no connection", "\\\"number\\\":1"] {
            #expect(entries.contains(part), "\(part) in \(entries)")
        }
        #expect(rig.logs.lines.contains { $0.hasPrefix("error: a notice was dropped") })
    }

    @Test func `a notice that is no JSON is sent to nobody, and holds up nobody else`() async throws {
        let rig = try await Rig(isRealTime: true)
        let receiver = Receiver()
        try await write(rig, "acme", data: "{")
        try await write(rig, "globex")
        try await run(rig, receiver) { _ in try await wait(rig, for: 1) }
        #expect(receiver.tenants == ["globex"])
    }

    @Test func `one daemon delivers, and another when that one lets go`() async throws {
        let rig = try await Rig(isRealTime: true)
        let (first, second) = (Receiver(), Receiver())
        try await run(rig, first) { one in
            try await eventually("the first delivers") { await one.status.isHolder }
            try await run(rig, second, holder: "h2") { other in
                for number in 1...20 { try await write(rig, "t\(number)") }
                try await wait(rig, for: 0)
                #expect(second.tenants.isEmpty && first.tenants.count == 20)
                #expect(await !other.status.isHolder)
                await one.letGo()
                try await eventually("somebody delivers again") {
                    let (isOne, isOther) = (await one.isHolder, await other.isHolder)
                    return isOne != isOther
                }
            }
        }
    }

    @Test func `a daemon that falls silent is followed by another`() async throws {
        let rig = try await Rig(isRealTime: true)
        #expect(try await rig.store.holdNotifier(token: "of the dead", milliseconds: 1000))
        let receiver = Receiver()
        try await write(rig, "acme")
        try await run(rig, receiver) { _ in try await wait(rig, for: 0) }
        #expect(try await rig.store.holdNotifier(token: "next", milliseconds: 1000), "a clean end lets go")
    }

    @Test func `a long line of one tenant goes out whole and in order`() async throws {
        let rig = try await Rig(isRealTime: true)
        let receiver = Receiver()
        for number in 1...40 { try await write(rig, "acme", number: number) }
        try await write(rig, "globex")
        try await run(rig, receiver, lines: NoticeLines(capacity: 10, mostInLine: 4)) { _ in
            try await wait(rig, for: 0)
        }
        let bodies = receiver.state.withLock { $0.attempts.map { String(decoding: $0.body, as: UTF8.self) } }
        let expected = (1...40).map { "\"number\":\($0)}}" }
        let acme = bodies.filter { $0.contains("acme") }
        #expect(acme.count == 40 && zip(acme, expected).allSatisfy { $0.hasSuffix($1) })
    }
}
