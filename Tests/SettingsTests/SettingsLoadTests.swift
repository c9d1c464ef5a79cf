import Foundation
import Metering
import Testing

@testable import Settings

struct SettingsLoadTests {
    /// The repository's `config` directory.
    private static let shipped = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "config").path(percentEncoded: false)

    @Test func `the shipped settings are the defaults`() throws {
        var shipped = try DaemonSettings.load(configPath: "\(Self.shipped)/tollgate.yaml", environment: [:])
        let defaults = try DaemonSettings.load(
            configPath: nil, plansPath: "\(Self.shipped)/plans.yaml", environment: [:])
        #expect(shipped.configPath == "\(Self.shipped)/tollgate.yaml")
        #expect(shipped.plansPath == "\(Self.shipped)/plans.yaml")
        shipped.configPath = nil
        #expect(shipped == defaults)
    }

    @Test func `the shipped settings name every key that works, and no other`() throws {
        let text = try String(contentsOfFile: "\(Self.shipped)/tollgate.yaml", encoding: .utf8)
        var section = ""
        var named: Set<String> = []
        for line in text.split(separator: "\n") {
            // A key whose default cannot be written stands in a comment, with its value.
            let isOptional = line.firstMatch(of: /^ *# [a-z_]+: .+ #/) != nil
            let line = isOptional ? line.replacing("# ", with: "", maxReplacements: 1) : line
            guard let match = line.firstMatch(of: /^( *)([a-z_]+):( |$)/) else { continue }
            let key = String(match.output.2)
            if match.output.1.isEmpty { section = key }
            named.insert(match.output.1.isEmpty ? key : "\(section).\(key)")
        }
        let sections = Set(SettingKey.allCases.map { $0.rawValue.prefix { $0 != "." } }.map(String.init))
        let leaves = Set(SettingKey.allCases.map(\.rawValue))
        #expect(named.subtracting(sections.subtracting(leaves)) == leaves)
    }

    private static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

    @Test func `without a key set everything has the documented default`() throws {
        let settings = try SettingsFiles().load("")
        #expect(settings.stateDirectory == "/var/lib/tollgate")
        #expect(
            settings.gate
                == GateSettings(
                    socket: "/run/tollgate/gate.sock", mode: 0o660, group: nil, allowUIDs: nil, maxConnections: 10_000,
                    idleTimeout: nil, maxRequestBytes: 65_536, maxOutputBytes: 1_048_576,
                    slowLog: .milliseconds(10), loops: 1))
        #expect(
            settings.redis
                == RedisSettings(
                    location: .managed, user: nil, password: nil, deadline: .milliseconds(20), partitions: 256,
                    keyPrefix: "tg:"))
        #expect(
            settings.ledger
                == LedgerSettings(slots: 1_048_576, retention: .seconds(172_800), durability: .process))
        #expect(
            settings.leases
                == LeasesSettings(
                    horizon: .milliseconds(300), ttl: .seconds(5), grace: .seconds(1),
                    recallDeadline: .milliseconds(25), reservationTTL: .seconds(900)))
        #expect(settings.control == ControlSettings(socket: "/run/tollgate/control.sock", listen: nil, token: nil))
        #expect(
            settings.stripe
                == StripeSettings(
                    apiBase: "https://api.stripe.com", meterEventsBase: nil, apiVersion: "2026-10-28.endive",
                    flushInterval: .seconds(60), requestsPerSecond: 80, meterEventsPerSecond: 1_000,
                    streamEventsPerSecond: 10_000, timeout: .seconds(30), meterEvents: .v1, streamAbove: 1_000,
                    summaryLag: .seconds(300), booksMargin: .seconds(300),
                    checkInterval: .seconds(21_600), secretKey: nil))
        #expect(settings.notify == NotifySettings(url: nil, timeout: .seconds(10), secrets: []))
        #expect(settings.idempotencyTTL == .seconds(86_400) && settings.usageRetention == .seconds(400 * 86_400))
        #expect(settings.shutdownTimeout == .seconds(10) && settings.tenants.maxUnknown == 100_000)
        #expect(settings.log == LogSettings(level: .info, format: .auto) && settings.warnings.isEmpty)
    }

    @Test func `every key is read from the file`() throws {
        let settings = try SettingsFiles().load(
            """
            state_dir: ./var
            holder_id: web-1
            gate: {socket: ./var/gate.sock, mode: 0600, group: "33", allow_uids: [0, 1000], max_connections: 5,
                   idle_timeout: 5m, max_request: 10MB, max_output: 2MiB, slowlog: off, loops: 1}
            redis: {url: "redis://app@redis.local:6380/3", deadline: 250ms, partitions: 16, key_prefix: "x:"}
            ledger: {slots: 1024, retention: 35d}
            durability: redis
            lease: {horizon: 10ms, ttl: 60s, grace: 30s, recall_deadline: 1s}
            control: {socket: ./c.sock, listen: "[::1]:8700"}
            stripe: {api_base: "http://127.0.0.1:12111/", meter_events_base: "https://m.test/",
                     meter_events_per_second: 7, stream_events_per_second: 100, api_version: 2024-12-18.acacia,
                     flush_interval: 5s,
                     requests_per_second: 20, timeout: 700ms}
            notify: {url: "http://hooks.local/x?y=z", timeout: 3s, allow_http: true}
            idempotency: {ttl: 1h}
            usage: {retention: 35d}
            tenants: {max_unknown: 0}
            shutdown: {timeout: 3s}
            log: {level: debug, format: json}
            """, environment: ["TOLLGATE_CONTROL_TOKEN": "t", "TOLLGATE_NOTIFY_SECRET": Self.secret])
        #expect(settings.stateDirectory == "./var" && settings.holderID == "web-1")
        #expect(
            settings.gate
                == GateSettings(
                    socket: "./var/gate.sock", mode: 0o600, group: "33", allowUIDs: [0, 1_000], maxConnections: 5,
                    idleTimeout: .seconds(300), maxRequestBytes: 10_000_000, maxOutputBytes: 2_097_152,
                    slowLog: nil, loops: 1))
        #expect(
            settings.redis
                == RedisSettings(
                    location: .tcp(host: "redis.local", port: 6_380, database: 3), user: "app", password: nil,
                    deadline: .milliseconds(250), partitions: 16, keyPrefix: "x:"))
        #expect(
            settings.ledger
                == LedgerSettings(slots: 1_024, retention: .seconds(35 * 86_400), durability: .redis))
        #expect(
            settings.leases
                == LeasesSettings(
                    horizon: .milliseconds(10), ttl: .seconds(60), grace: .seconds(30), recallDeadline: .seconds(1),
                    reservationTTL: .seconds(900)))
        #expect(
            settings.control
                == ControlSettings(
                    socket: "./c.sock", listen: ListenAddress(host: "::1", port: 8_700), token: Secret("t")))
        #expect(
            settings.stripe
                == StripeSettings(
                    apiBase: "http://127.0.0.1:12111", meterEventsBase: "https://m.test",
                    apiVersion: "2024-12-18.acacia", flushInterval: .seconds(5), requestsPerSecond: 20,
                    meterEventsPerSecond: 7, streamEventsPerSecond: 100, timeout: .milliseconds(700), meterEvents: .v1,
                    streamAbove: 1_000,
                    summaryLag: .seconds(300), booksMargin: .seconds(300),
                    checkInterval: .seconds(21_600), secretKey: nil))
        #expect(
            settings.notify
                == NotifySettings(
                    url: "http://hooks.local/x?y=z", timeout: .seconds(3), secrets: [Secret(Self.secret)]))
        #expect(settings.idempotencyTTL == .seconds(3_600) && settings.usageRetention == .seconds(35 * 86_400))
        #expect(settings.tenants.maxUnknown == 0 && settings.shutdownTimeout == .seconds(3))
        #expect(settings.log == LogSettings(level: .debug, format: .json))
    }

    @Test func `the environment goes before the file for every key`() throws {
        let values: [SettingKey: String] = [
            .stateDirectory: "/s", .holderID: "env", .gateSocket: "/g", .gateMode: "0666", .gateGroup: "g",
            .gateAllowUIDs: "1, 2", .gateMaxConnections: "7", .gateIdleTimeout: "9s", .gateMaxRequest: "2KiB",
            .gateMaxOutput: "32KiB", .gateSlowLog: "3ms", .gateLoops: "1", .redisURL: "unix:///r?db=2",
            .redisDeadline: "5ms",
            .redisPartitions: "8", .redisKeyPrefix: "e:", .ledgerSlots: "67108864", .ledgerRetention: "1h",
            .durability: "power", .leaseHorizon: "1s", .leaseTTL: "4s", .leaseGrace: "3s",
            .leaseRecallDeadline: "2ms", .controlSocket: "/c", .controlListen: "h:1",
            .stripeAPIBase: "https://s", .stripeAPIVersion: "2025-03-31.basil", .stripeFlushInterval: "7s",
            .stripeRequestsPerSecond: "9", .stripeMeterEventsBase: "https://m/", .stripeMeterEventsPerSecond: "8",
            .stripeStreamEventsPerSecond: "1000", .stripeMeterEvents: "v2", .stripeStreamAbove: "12",
            .stripeSummaryLag: "3m", .stripeBooksMargin: "0s", .stripeCheckInterval: "1h", .stripeTimeout: "6s",
            .notifyURL: "http://n", .notifyTimeout: "2s", .notifyAllowHTTP: "true", .webhookListen: "w:2",
            .webhookTolerance: "4m", .idempotencyTTL: "2h", .usageRetention: "36d", .shutdownTimeout: "4s",
            .auditRetention: "2y",
            .tenantsMaxUnknown: "11", .reservationMaxTTL: "8m", .logLevel: "error", .logFormat: "text",
        ]
        #expect(Set(values.keys) == Set(SettingKey.allCases))
        var environment = [
            "TOLLGATE_CONTROL_TOKEN": "t", "TOLLGATE_NOTIFY_SECRET": Self.secret, "TOLLGATE_PORT": "tcp://10.0.0.1:80",
        ]
        for (key, value) in values { environment[key.variable] = value }
        let settings = try SettingsFiles().load(
            "state_dir: /file\nredis: {url: managed, deadline: 1s}\nlog: {level: info}\n", environment: environment)

        #expect(
            settings.webhook
                == WebhookSettings(
                    listen: ListenAddress(host: "w", port: 2), tolerance: .seconds(240), secrets: []))
        #expect(settings.stateDirectory == "/s" && settings.holderID == "env")
        #expect(
            settings.gate
                == GateSettings(
                    socket: "/g", mode: 0o666, group: "g", allowUIDs: [1, 2], maxConnections: 7,
                    idleTimeout: .seconds(9), maxRequestBytes: 2_048, maxOutputBytes: 32_768,
                    slowLog: .milliseconds(3), loops: 1))
        #expect(
            settings.redis
                == RedisSettings(
                    location: .unix(path: "/r", database: 2), user: nil, password: nil, deadline: .milliseconds(5),
                    partitions: 8, keyPrefix: "e:"))
        #expect(
            settings.ledger == LedgerSettings(slots: 1 << 26, retention: .seconds(3_600), durability: .power))
        #expect(
            settings.leases
                == LeasesSettings(
                    horizon: .seconds(1), ttl: .seconds(4), grace: .seconds(3), recallDeadline: .milliseconds(2),
                    reservationTTL: .seconds(480)))
        #expect(settings.control.listen == ListenAddress(host: "h", port: 1) && settings.control.socket == "/c")
        #expect(settings.stripe.apiBase == "https://s" && settings.stripe.apiVersion == "2025-03-31.basil")
        #expect(settings.stripe.flushInterval == .seconds(7) && settings.stripe.requestsPerSecond == 9)
        #expect(settings.stripe.timeout == .seconds(6) && settings.stripe.meterEventsBase == "https://m")
        #expect(settings.stripe.meterEventsPerSecond == 8 && settings.stripe.streamEventsPerSecond == 1_000)
        #expect(settings.idempotencyTTL == .seconds(7_200) && settings.usageRetention == .seconds(36 * 86_400))
        #expect(settings.shutdownTimeout == .seconds(4) && settings.tenants.maxUnknown == 11)
        #expect(settings.log == LogSettings(level: .error, format: .text))
    }

    @Test func `an empty variable and a key without a value leave the default`() throws {
        let settings = try SettingsFiles().load(
            "gate:\nredis: {url: }\nlog: {level: ~}\n", environment: ["TOLLGATE_LOG_LEVEL": ""])
        #expect(settings.redis.location == .managed && settings.log.level == .info)
    }

    @Test func `a bad variable is named`() throws {
        #expect(
            try SettingsFiles().problems("", environment: ["TOLLGATE_GATE_ALLOW_UIDS": "1,x"]) == [
                "TOLLGATE_GATE_ALLOW_UIDS: gate.allow_uids must be a list of user ids (0 to 4294967295), not 1,x"
            ])
    }

    @Test(arguments: [
        ("web-1.example", "web-1.example"), ("app_7", "app_7"),
        ("a-host-name.of-some.very.long.domain.example", "a-host-name"),
        ("checkout-service-deployment-7d9f8b6c5d-x2x9z", "vice-deployment-7d9f8b6c5d-x2x9z"), ("h\u{f6}st", "h-st"),
        ("", "tollgate"),
    ])
    func `the host name is made to fit a holder id`(hostName: String, holderID: String) throws {
        let files = try SettingsFiles()
        let plans = try files.write("plans.yaml", SettingsFiles.plans)
        let settings = try DaemonSettings.load(
            configPath: nil, plansPath: plans, environment: [:], hostName: hostName)
        #expect(settings.holderID == holderID && Identifier.isHolderID(holderID))
    }

    @Test(arguments: [
        ("sk_test_1", "https://api.stripe.com", true), ("rk_test_1", "https://api.stripe.com/", true),
        ("sk_live_1", "https://api.stripe.com", false), ("sk_test_1", "http://127.0.0.1:1", false),
    ])
    func `a test key at Stripe's own address has the sandbox's pace unless it is told another`(
        key: String, base: String, isSandbox: Bool
    ) throws {
        let environment = ["STRIPE_SECRET_KEY": key]
        let settings = try SettingsFiles().load("stripe: {api_base: \"\(base)\"}", environment: environment)
        #expect(settings.stripe.isStripeSandbox == isSandbox)
        #expect(settings.stripe.requestsPerSecond == (isSandbox ? 20 : 80))
        let told = try SettingsFiles().load(
            "stripe: {api_base: \"\(base)\", requests_per_second: 60}", environment: environment)
        #expect(told.stripe.requestsPerSecond == 60)
    }
}
