import Gate
import Metering
import RESP
import TestSupport

@testable import RedisLink

/// Runs `sync.lua` in a Redis of its own, at instants that the test chooses.
struct SyncBench {
    let redis: RedisServer
    let client: GateClient
    let wire: SyncWire
    private let digest: String

    var keys: KeySpace { wire.keys }

    init(settings: LeaseSettings, partitions: Int = 1) async throws {
        redis = try await RedisServer.start()
        client = try redis.connect()
        wire = SyncWire(
            keys: KeySpace(prefix: "tg:", partitions: partitions), settings: settings,
            usageRetentionSeconds: 40_000_000)
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

    /// A tenant of the partition.
    func tenant(of partition: Int) -> String {
        (0...).lazy.map { "tenant-\($0)" }.first { keys.partition(of: $0) == partition } ?? ""
    }

    func run(_ requests: [SyncWire.Part], run: String, now: Int64) throws -> [SyncReply] {
        _ = try client.call("SET", "test:now", String(now))
        let names = wire.keyNames(requests)
        let command =
            ["EVALSHA", digest, String(names.count)].map { Array($0.utf8) } + names.map { Array($0.utf8) }
            + wire.arguments(requests, run: run)
        var output = OutputBuffer()
        output.appendCommand(argumentCount: command.count)
        for word in command { output.appendArgument(word.span) }
        try client.send(raw: output.withReadable { span in span.indices.map { span[$0] } })
        let value = try client.read()
        guard case .bulk(let bytes) = value,
            let replies = bytes.withUnsafeBytes({ wire.replies($0, to: requests, run: run) })
        else { throw TestFailure("no replies to a sync: \(value)") }
        return replies
    }

    /// The script's reply to a request of partition 0.
    func run(_ request: SyncRequest, run name: String, now: Int64) throws -> SyncReply {
        try run([(0, request)], run: name, now: now)[0]
    }

    func field(_ key: String, _ name: String) throws -> Int64 {
        Int64(try client.call("HGET", key, name).text ?? "0") ?? 0
    }
}
