import Gate
import Metering
import RESP
import TestSupport

@testable import RedisLink

/// Runs `sync.lua` and `refund.lua` in a Redis of its own, at instants that the test chooses.
struct SyncBench {
    let redis: RedisServer
    let client: GateClient
    let wire: SyncWire
    let refundWire: RefundWire
    private let digest: String
    private let refundDigest: String

    var keys: KeySpace { wire.keys }

    init(settings: LeaseSettings, partitions: Int = 1) async throws {
        redis = try await RedisServer.start()
        client = try redis.connect()
        wire = SyncWire(
            keys: KeySpace(prefix: "tg:", partitions: partitions), settings: settings,
            usageRetentionSeconds: 40_000_000)
        refundWire = RefundWire(keys: wire.keys, idempotencyMilliseconds: 60_000_000)
        digest = try Self.load(.sync, client)
        refundDigest = try Self.load(.refund, client)
    }

    /// Loads a script that asks the test for the time. Returns its digest.
    private static func load(_ script: Script, _ client: GateClient) throws -> String {
        let source = String(decoding: script.source, as: UTF8.self)
        let clock = """
            local function clock()
                local time = call('TIME')
                return time[1] * 1000000 + time[2]
            end
            """
        guard source.contains(clock) else { throw TestFailure("a script reads its clock in another way") }
        let instant = "local function clock() return tonumber(call('GET', 'test:now')) end"
        return try client.call("SCRIPT", "LOAD", source.replacing(clock, with: instant)).text ?? ""
    }

    /// A tenant of the partition.
    func tenant(of partition: Int) -> String {
        (0...).lazy.map { "tenant-\($0)" }.first { keys.partition(of: $0) == partition } ?? ""
    }

    func run(_ requests: [SyncWire.Part], run: String, now: Int64) throws -> [SyncReply] {
        let value = try evaluate(digest, wire.keyNames(requests), wire.arguments(requests, run: run), now: now)
        guard case .bulk(let bytes) = value,
            let replies = bytes.withUnsafeBytes({ wire.replies($0, to: requests, run: run) })
        else { throw TestFailure("no replies to a sync: \(value)") }
        return replies
    }

    func run(_ request: RefundRequest, run: String, now: Int64) throws -> RefundReply {
        let value = try evaluate(
            refundDigest, refundWire.keyNames(request), [refundWire.argument(request, run: run)], now: now)
        guard case .bulk(let bytes) = value,
            let (told, reply) = bytes.withUnsafeBytes({ refundWire.reply($0, to: request) }), told == now
        else { throw TestFailure("no reply to a refund: \(value)") }
        return reply
    }

    private func evaluate(
        _ digest: String, _ names: [String], _ arguments: [[UInt8]], now: Int64
    ) throws -> RESPValue {
        _ = try client.call("SET", "test:now", String(now))
        let words = ["EVALSHA", digest, String(names.count)] + names
        let command = words.map { Array($0.utf8) } + arguments
        var output = OutputBuffer()
        output.appendCommand(argumentCount: command.count)
        for word in command { output.appendArgument(word.span) }
        try client.send(raw: output.withReadable { span in span.indices.map { span[$0] } })
        return try client.read()
    }

    /// The script's reply to a request of partition 0.
    func run(_ request: SyncRequest, run name: String, now: Int64) throws -> SyncReply {
        try run([(0, request)], run: name, now: now)[0]
    }

    func field(_ key: String, _ name: String) throws -> Int64 {
        Int64(try client.call("HGET", key, name).text ?? "0") ?? 0
    }
}
