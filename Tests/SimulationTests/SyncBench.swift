import Gate
import Metering
import RESP
import TestSupport

@testable import RedisLink

/// Runs `sync.lua` in a Redis of its own, at instants that the test chooses.
struct SyncBench {
    static let partition = 0
    let redis: RedisServer
    let client: GateClient
    let wire: SyncWire
    private let digest: String

    var keys: KeySpace { wire.keys }

    init(settings: LeaseSettings) async throws {
        redis = try await RedisServer.start()
        client = try redis.connect()
        wire = SyncWire(
            keys: KeySpace(prefix: "tg:", partitions: 1), settings: settings, usageRetentionSeconds: 40_000_000)
        let source = String(decoding: Script.sync.source, as: UTF8.self)
        let clock = """
            local function clock()
                local time = call('TIME')
                return time[1] * 1000000 + time[2]
            end
            """
        guard source.contains(clock) else { throw TestFailure("sync.lua reads its clock in another way") }
        let instant = "local function clock() return tonumber(call('GET', 'test:now')) end"
        let stopped = source.replacing(clock, with: instant)
        digest = try client.call("SCRIPT", "LOAD", stopped).text ?? ""
    }

    func run(_ request: SyncRequest, run: String, now: Int64) throws -> SyncReply {
        _ = try client.call("SET", "test:now", String(now))
        let names = wire.keyNames(request, partition: Self.partition)
        let command =
            ["EVALSHA", digest, String(names.count)].map { Array($0.utf8) } + names.map { Array($0.utf8) }
            + wire.arguments(request, run: run)
        var output = OutputBuffer()
        output.appendCommand(argumentCount: command.count)
        for word in command { output.appendArgument(word.span) }
        try client.send(raw: output.withReadable { span in span.indices.map { span[$0] } })
        let value = try client.read()
        guard case .bulk(let bytes) = value, let reply = wire.reply(bytes, to: request, run: run) else {
            throw TestFailure("no reply to a sync: \(value)")
        }
        return reply
    }

    func field(_ key: String, _ name: String) throws -> Int64 {
        Int64(try client.call("HGET", key, name).text ?? "0") ?? 0
    }
}
