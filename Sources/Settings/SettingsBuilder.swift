import Metering

/// Reads every key with its default and range, and checks what holds between keys.
struct SettingsBuilder {
    /// The longest path that fits the address of a Unix socket (`sun_path` less its zero byte).
    private static let longestSocketPath = 107
    static let day: Duration = .seconds(86_400)

    let reader: SettingReader
    let secrets: SecretSource
    let hostName: String

    func build(catalogue: Catalogue, configPath: String?, plansPath: String) -> DaemonSettings {
        let redisPassword = secrets.read(.redisPassword)
        let controlToken = secrets.read(.controlToken)
        let stripeKey = secrets.read(.stripeSecretKey)
        let webhookSecret = secrets.read(.stripeWebhookSecret)
        let notifySecret = secrets.read(.notifySecret)
        return DaemonSettings(
            stateDirectory: reader.text(
                .stateDirectory, default: "/var/lib/tollgate", allowed: "the path of a directory"
            ) { !$0.isEmpty && !$0.contains("\0") },
            holderID: holderID(),
            gate: gate(),
            redis: redis(password: redisPassword.secret),
            ledger: ledger(),
            leases: leases(),
            control: control(token: controlToken),
            stripe: stripe(key: stripeKey.secret),
            webhook: webhook(secret: webhookSecret),
            notify: notify(secret: notifySecret),
            idempotencyTTL: reader.duration(
                .idempotencyTTL, default: SettingsBuilder.day, in: .seconds(1)...SettingsBuilder.day * 30),
            // What may still be billed has to be kept by the hour: Stripe takes meter events up to 35 days back
            // (docs.stripe.com/api/billing/meter-event/create).
            usageRetention: reader.duration(
                .usageRetention, default: SettingsBuilder.day * 400,
                in: SettingsBuilder.day * 35...SettingsBuilder.day * 3_650),
            auditRetention: reader.duration(
                .auditRetention, default: SettingsBuilder.day * 7 * 365,
                in: SettingsBuilder.day...SettingsBuilder.day * 100 * 365),
            shutdownTimeout: reader.duration(
                .shutdownTimeout, default: .seconds(10), in: .seconds(1)...(.seconds(600))),
            tenants: TenantsSettings(
                maxUnknown: reader.integer(.tenantsMaxUnknown, default: 100_000, in: 0...100_000_000)),
            log: LogSettings(
                level: reader.word(.logLevel, default: .info), format: reader.word(.logFormat, default: .auto)),
            catalogue: catalogue, configPath: configPath, plansPath: plansPath,
            warnings: [redisPassword, controlToken, stripeKey, webhookSecret, notifySecret].compactMap(\.warning))
    }

    private func gate() -> GateSettings {
        GateSettings(
            socket: socket(.gateSocket, default: "/run/tollgate/gate.sock"),
            mode: reader.parsed(.gateMode, allowed: "permission bits in octal, 0000 to 0777 (\"0660\")") { text in
                guard text.utf8.count == 3 || (text.utf8.count == 4 && text.first == "0") else { return nil }
                return UInt16(text, radix: 8)
            } ?? 0o660,
            group: reader.optionalText(.gateGroup, allowed: "the name or number of a group") { text in
                (1...64).contains(text.utf8.count)
                    && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: ":") }
            },
            allowUIDs: reader.userIDs(.gateAllowUIDs),
            maxConnections: reader.integer(.gateMaxConnections, default: 10_000, in: 1...1_000_000),
            idleTimeout: reader.durationOrOff(.gateIdleTimeout, in: .seconds(1)...SettingsBuilder.day * 7),
            maxRequestBytes: reader.size(.gateMaxRequest, default: 64 << 10, in: 1 << 10...64 << 20),
            maxOutputBytes: reader.size(.gateMaxOutput, default: 1 << 20, in: 16 << 10...1 << 30),
            slowLog: reader.durationOrOff(
                .gateSlowLog, default: .milliseconds(10), in: .zero...(.seconds(60))),
            loops: loops())
    }

    private func loops() -> Int {
        let loops = reader.integer(.gateLoops, default: 1, in: 1...1_024)
        if loops > 1, let origin = reader.raw.values[.gateLoops]?.yaml.origin {
            reader.problems.add(origin, "gate.loops over 1 is not supported yet")
        }
        return loops
    }

    private func redis(password: Secret?) -> RedisSettings {
        let url = redisURL()
        return RedisSettings(
            location: url?.location ?? .managed, user: url?.user, password: password,
            deadline: reader.duration(
                .redisDeadline, default: .milliseconds(20), in: .milliseconds(1)...(.seconds(10))),
            partitions: reader.integer(.redisPartitions, default: 256, in: 1...1_000),
            keyPrefix: reader.text(
                .redisKeyPrefix, default: "tg:", allowed: "1 to 32 characters of A-Z a-z 0-9 . _ : @ -"
            ) { Identifier.isTenantID($0) && $0.utf8.count <= 32 })
    }

    /// The text of a URL is in no message: it may hold a password.
    private func redisURL() -> RedisURL? {
        guard let origin = reader.raw.values[.redisURL]?.yaml.origin else { return nil }
        let text = reader.parsed(.redisURL, allowed: RedisURL.allowed, showsValue: false) { $0 }
        guard let text else { return nil }
        do {
            return try RedisURL(text)
        } catch {
            switch error {
            case .password:
                let name = SecretName.redisPassword.rawValue
                reader.problems.add(
                    origin, "redis.url must not hold a password: set \(name) or \(name)_FILE in the environment")
            case .unsupported(let scheme):
                reader.problems.add(origin, "redis.url with \(scheme):// is not supported yet")
            case .malformed:
                reader.problems.add(origin, "redis.url must be \(RedisURL.allowed)")
            }
            return nil
        }
    }

    private func control(token: SecretReading) -> ControlSettings {
        let listen: ListenAddress?? = reader.parsed(.controlListen, allowed: "off, or host:port (127.0.0.1:8700)") {
            text in text == "off" ? .some(nil) : ListenAddress(text).map { .some($0) }
        }
        if case .some(.some) = listen, !token.isSet,
            let origin = reader.raw.values[.controlListen]?.yaml.origin
        {
            let name = SecretName.controlToken.rawValue
            reader.problems.add(
                origin, "control.listen needs a bearer token: set \(name) or \(name)_FILE in the environment")
        }
        return ControlSettings(
            socket: socket(.controlSocket, default: "/run/tollgate/control.sock"), listen: listen ?? nil,
            token: token.secret)
    }

    private func stripe(key: Secret?) -> StripeSettings {
        let allowed = "an https:// URL, or an http:// one on a loopback address"
        let base = reader.parsed(.stripeAPIBase, allowed: allowed) { HTTPBase.normalized($0) }
        let apiBase = base ?? StripeSettings.standardBase
        let isSandbox = StripeSettings.isStripeSandbox(apiBase: apiBase, key: key)
        return StripeSettings(
            apiBase: apiBase,
            meterEventsBase: reader.parsed(.stripeMeterEventsBase, allowed: allowed) { HTTPBase.normalized($0) },
            apiVersion: reader.text(
                .stripeAPIVersion, default: "2026-10-28.endive", allowed: "a Stripe API version (2026-10-28.endive)",
                where: HTTPBase.isStripeVersion),
            flushInterval: reader.duration(
                .stripeFlushInterval, default: .seconds(60), in: .seconds(1)...(.seconds(3_600))),
            // Of 100 a second live and of 25 in a sandbox (docs.stripe.com/rate-limits).
            requestsPerSecond: reader.integer(
                .stripeRequestsPerSecond, default: isSandbox ? 20 : 80, in: 1...10_000),
            meterEventsPerSecond: reader.integer(.stripeMeterEventsPerSecond, default: 1_000, in: 1...100_000),
            streamEventsPerSecond: reader.integer(
                .stripeStreamEventsPerSecond, default: 10_000, in: 100...1_000_000),
            timeout: reader.duration(
                .stripeTimeout, default: .seconds(30), in: .milliseconds(100)...(.seconds(60))),
            meterEvents: reader.parsed(.stripeMeterEvents, allowed: "v1 or v2") { MeterEventsRoute(rawValue: $0) }
                ?? .v1,
            streamAbove: reader.integer(.stripeStreamAbove, default: 1_000, in: 0...1_000_000_000),
            summaryLag: reader.duration(
                .stripeSummaryLag, default: .seconds(300), in: .milliseconds(1)...(.seconds(86_400))),
            booksMargin: reader.duration(
                .stripeBooksMargin, default: .seconds(300), in: .zero...(.seconds(86_400))),
            checkInterval: reader.duration(
                .stripeCheckInterval, default: .seconds(6 * 3_600), in: .seconds(1)...SettingsBuilder.day * 7),
            secretKey: key)
    }

    private func socket(_ key: SettingKey, default standard: String) -> String {
        reader.text(
            key, default: standard,
            allowed: "the path of a Unix socket, up to \(SettingsBuilder.longestSocketPath) bytes"
        ) { (1...SettingsBuilder.longestSocketPath).contains($0.utf8.count) && !$0.contains("\0") }
    }

    /// The stated id, else the host name made to fit: a name too long loses its domain, and then its beginning, because
    /// what tells the replicas of one deployment apart is at the end.
    private func holderID() -> String {
        let stated = reader.optionalText(
            .holderID, allowed: "1 to 32 characters of A-Z a-z 0-9 . _ -", where: Identifier.isHolderID)
        if let stated { return stated }
        var name = Substring(hostName)
        if name.utf8.count > 32 { name = name.prefix { $0 != "." } }
        let fitting = String(
            name.unicodeScalars.map { scalar in
                Identifier.isHolderID(String(scalar)) ? Character(scalar) : "-"
            }.suffix(32))
        return fitting.isEmpty ? "tollgate" : fitting
    }
}
