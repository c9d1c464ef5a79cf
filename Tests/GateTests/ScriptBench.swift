import Metering
import RESP
import TestSupport
import Testing

@testable import Gate
@testable import RedisLink

/// Runs the script that decides in a Redis of its own, by calls made as the gate makes them.
struct ScriptBench {
    let redis: RedisServer
    let client: GateClient
    let keys = KeySpace(prefix: "tg:", partitions: 1)
    let maxStrangers: Int
    /// The end of every counter's period, in microseconds of Redis's clock.
    let periodEnd: Int64
    private let day: Int64
    /// The version of all records together.
    static let records = "77"
    /// The run id of the Redis that the calls are made for.
    static let run = "run1"

    init(maxStrangers: Int) async throws {
        redis = try await RedisServer.start()
        client = try redis.connect()
        self.maxStrangers = maxStrangers
        let second = try #require(Int64(client.call("TIME").elements?[0].text ?? ""))
        periodEnd = (second + 86_400) * 1_000_000
        day = second / 86_400
        _ = try client.call("SET", keys.records, Self.records)
        try setLife(run: Self.run, until: 0)
        let source = String(decoding: Script.spend.source, as: UTF8.self)
        #expect(try client.call("SCRIPT", "LOAD", source).text == String(decoding: Script.spend.digest, as: UTF8.self))
    }

    /// Says which life the partition is in, and until when it learns.
    func setLife(run: String, until: Int64) throws {
        _ = try client.call("HSET", keys.life(0), "run", run, "until", String(until))
    }

    func putRecord(_ tenant: String, version: String) throws {
        _ = try client.call("HSET", keys.tenant(tenant), "v", version)
    }

    func key(_ kind: ModelMeter.Kind, _ meter: String, _ tenant: String) -> String {
        switch kind {
        case .counter: keys.usage(tenant, meter, period: 1000)
        case .rate: keys.rate(tenant, meter)
        case .level: keys.level(tenant, meter)
        }
    }

    /// The script's answer to each of the calls, made together: status, now, and the numbers that follow.
    func run(_ calls: [ScriptCall], records: String = Self.records) throws -> [[Int64]] {
        let names = calls.map(keys)
        let arguments = zip(calls, names).map { packed($0, keyCount: $1.count) }
        let words =
            [Array("EVALSHA".utf8), Script.spend.digest, Array(String(names.joined().count + 1).utf8)]
            + ([keys.records] + names.joined()).map { Array($0.utf8) } + [Array(records.utf8), Array(Self.run.utf8)]
            + arguments
        var output = OutputBuffer()
        output.appendCommand(argumentCount: words.count)
        for word in words { output.appendArgument(word.span) }
        try client.send(raw: output.withReadable { span in span.indices.map { span[$0] } })
        let reply = try client.read()
        guard case .bulk(let bytes) = reply else { throw TestFailure("\(reply)") }
        return try bytes.withUnsafeBytes { raw in
            var answer = ScriptAnswer(raw)
            let now = try read(answer.number())
            #expect(try read(answer.shortText()).elementsEqual(Self.records.utf8))
            return try calls.map { try numbers(&answer, $0, now) }
        }
    }

    func run(_ call: ScriptCall) throws -> [Int64] { try run([call])[0] }

    private func keys(_ call: ScriptCall) -> [String] {
        var names = call.needsLife ? [keys.life(0)] : []
        if !call.isKnownCurrent { names.append(keys.tenant(call.tenant.name)) }
        for item in call.items {
            names.append(key(item.meter.kind, item.meter.name, call.tenant.name))
            if item.meter.kind == .counter { names.append(keys.day(call.tenant.name, item.meter.name, day: day)) }
        }
        if call.items.contains(where: { $0.meter.isBilled }) { names.append(keys.owed(0)) }
        if call.tenant.isStranger { names.append(keys.strangers(0)) }
        if let key = call.idempotencyKey { names.append(keys.answer(call.tenant.name, key: key)) }
        return names
    }

    private func numbers(_ answer: inout ScriptAnswer, _ call: ScriptCall, _ now: Int64) throws -> [Int64] {
        let status = Int64(try read(answer.byte()))
        var numbers = [status, now]
        switch status {
        case 0:
            let allowed = Int64(Int8(bitPattern: try read(answer.byte())))
            numbers.append(allowed)
            guard allowed >= 0 else { break }
            for _ in call.items {
                numbers.append(try read(answer.number()))
                numbers.append(Int64(try read(answer.byte())))
                numbers.append(try read(answer.number()))
            }
            if call.idempotencyKey != nil { for _ in call.items { numbers.append(try read(answer.number())) } }
            for _ in 0..<(2 * call.items.count) { numbers.append(try read(answer.number())) }
        case 8: for _ in 0..<3 { numbers.append(try read(answer.number())) }
        case 4, 10: numbers.append(Int64(try read(answer.short())))
        case 6: throw TestFailure(answer.text() ?? "an error without text")
        default: break
        }
        return numbers
    }

    private func read<Value>(_ value: Value?) throws -> Value {
        guard let value else { throw TestFailure("the answer is too short") }
        return value
    }

    private func packed(_ call: ScriptCall, keyCount: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(packing: call.isLate ? 1 : periodEnd)
        bytes.append(packingShort: keyCount)
        bytes.append(call.isShort ? 1 : 0)
        if call.isShort {
            let item = call.items[0]
            bytes.append(packingText: call.isKnownCurrent ? [] : Array(call.version.utf8))
            bytes.append(packingDigitsOf: item.n)
            bytes.append(packing: item.n)
            bytes.append(packing: item.bound < 0 || call.isAlwaysCounted ? Amount.largest : item.bound)
            return bytes + packed(item, call).dropFirst(PackedMeter.hourOffset)
        }
        bytes += [call.command.asciiValue ?? 0, call.refusal]
        bytes.append(packingShort: call.items.count)
        bytes += [call.idempotencyKey == nil ? 0 : 1, call.tenant.isStranger ? 1 : 0, call.needsLife ? 1 : 0]
        bytes.append(packingText: Array(call.version.utf8))
        if call.idempotencyKey != nil || call.tenant.isStranger {
            bytes.append(packing: 600_000)
            bytes.append(packing: Int64(maxStrangers))
            bytes.append(packingText: Array(call.tenant.name.utf8))
            bytes.append(packingText: Array(call.holder.utf8))
            bytes += [UInt8(call.meaning.utf8.count), 0, 0, 0] + Array(call.meaning.utf8)
        }
        for item in call.items {
            bytes.append(packingDigitsOf: item.n)
            bytes += packed(item, call)
        }
        return bytes
    }

    private func packed(_ item: ScriptCall.Item, _ call: ScriptCall) -> [UInt8] {
        let end = periodEnd / 1_000_000
        var meter = PackedMeter(limit: item.limit, mode: item.mode, kind: item.meter.kind.rawValue)
        meter.bound = item.bound
        meter.field = item.meter.kind == .level ? call.holder : "07:\(call.holder)!"
        if item.meter.kind == .counter { meter.hour = SpendModel.hour }
        if item.meter.isBilled {
            meter.member = KeySpace.owedMember(hour: 7, meter: item.meter.name, tenant: call.tenant.name)
        }
        if item.meter.kind == .rate {
            (meter.hour, meter.edge) = (item.returnedFrom, item.meter.interval)
            (meter.usageUntil, meter.dayUntil) = (item.wanted, item.returned)
            return meter.encoded
        }
        meter.edge = periodEnd
        meter.usageUntil = end + 100
        meter.dayUntil = end + 200
        return meter.encoded
    }

    /// A digest of every key's name, value and expiry, byte by byte; but for those that run out within seconds.
    func digest() throws -> String? {
        let script = """
            local names, parts = redis.call('KEYS', '*'), {}
            table.sort(names)
            for _, name in ipairs(names) do
                local left = redis.call('PTTL', name)
                if left < 0 or left > 10000 then
                    parts[#parts + 1] = name .. redis.call('DUMP', name) .. redis.call('PEXPIRETIME', name)
                end
            end
            return redis.sha1hex(table.concat(parts))
            """
        return try client.call("EVAL", script, "0").text
    }

    func compare(with model: SpendModel) throws {
        for (place, total) in model.totals {
            let kind: ModelMeter.Kind = place.meter == "seats" ? .level : .counter
            #expect(try client.call("HGET", key(kind, place.meter, place.tenant), "used").text == String(total))
            guard kind == .counter else { continue }
            #expect(model.rows[place]?.values.reduce(0, +) == total)
            let day = keys.day(place.tenant, place.meter, day: day)
            for (holder, row) in model.rows[place] ?? [:] {
                #expect(try client.call("HGET", day, "07:\(holder)!").text == String(row), "what was counted for it")
            }
        }
        for (place, bucket) in model.buckets where place.meter == "slow" {
            let kept = [bucket.arrival, bucket.grantedSince].compactMap { $0.map(String.init) }.joined(separator: " ")
            #expect(try client.call("GET", keys.rate(place.tenant, place.meter)).text == kept)
        }
        let owed = try (client.call("ZRANGE", keys.owed(0), "0", "-1").elements ?? []).compactMap(\.text)
        let expected = model.owed.map { KeySpace.owedMember(hour: 7, meter: $0.meter, tenant: $0.tenant) }
        #expect(owed == expected.sorted())
        let strangers = try (client.call("ZRANGE", keys.strangers(0), "0", "-1").elements ?? []).compactMap(\.text)
        #expect(Set(strangers) == model.strangers)
    }

    /// Each key has the lifetime that `docs/redis-keys.md` states.
    func checkLifetimes() throws {
        let second = periodEnd / 1_000_000
        for name in try (client.call("KEYS", "*").elements ?? []).compactMap(\.text) {
            let expiry = try client.call("EXPIRETIME", name).integer ?? -3
            // A fast rate's key may be gone by now.
            guard expiry != -2 else { continue }
            if name == keys.records {
                #expect(expiry == -1)
                continue
            }
            switch name.dropFirst("tg:{p000}:".count).prefix(2) {
            case "u:": #expect(expiry == second + 100, "\(name)")
            case "h:": #expect(expiry == second + 200, "\(name)")
            case "t:", "l:", "li", "ow": #expect(expiry == -1, "\(name)")
            case "r:", "i:", "st": #expect(expiry > 0, "\(name)")
            default: Issue.record("no document names the key \(name)")
            }
        }
    }
}
