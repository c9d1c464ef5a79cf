import Metering
import Settings
import Testing

struct ReloadTests {
    private func settings(_ config: String, environment: [String: String] = [:]) throws -> DaemonSettings {
        var settings = try SettingsFiles().load("holder_id: h\n" + config, environment: environment)
        settings.configPath = "tollgate.yaml"
        settings.plansPath = "plans.yaml"
        return settings
    }

    @Test(arguments: [
        ("state_dir: /x", "state_dir"), ("gate: {socket: /x}", "gate.socket"), ("gate: {mode: 0600}", "gate.mode"),
        ("gate: {group: x}", "gate.group"), ("gate: {allow_uids: []}", "gate.allow_uids"),
        ("gate: {max_connections: 1}", "gate.max_connections"), ("gate: {idle_timeout: 1s}", "gate.idle_timeout"),
        ("gate: {max_request: 1KiB}", "gate.max_request"), ("gate: {max_output: 16KiB}", "gate.max_output"),
        ("redis: {url: \"redis://x\"}", "redis.url"), ("redis: {deadline: 1ms}", "redis.deadline"),
        ("redis: {partitions: 1}", "redis.partitions"), ("redis: {key_prefix: x}", "redis.key_prefix"),
        ("control: {socket: /x}", "control.socket"), ("stripe: {api_base: \"https://x\"}", "stripe.api_base"),
        ("stripe: {api_version: 2024-12-18.acacia}", "stripe.api_version"), ("log: {format: json}", "log.format"),
        ("stripe: {meter_events_base: \"https://x\"}", "stripe.meter_events_base"),
        ("stripe: {meter_events_per_second: 1}", "stripe.meter_events_per_second"),
        ("stripe: {stream_events_per_second: 100}", "stripe.stream_events_per_second"),
        ("stripe: {flush_interval: 5s}", "stripe.flush_interval"), ("shutdown: {timeout: 1s}", "shutdown.timeout"),
        ("stripe: {requests_per_second: 1}", "stripe.requests_per_second"), ("stripe: {timeout: 1s}", "stripe.timeout"),
        ("ledger: {slots: 1024}", "ledger.slots"), ("ledger: {retention: 1h}", "ledger.retention"),
        ("durability: power", "durability"), ("lease: {horizon: 10ms}", "lease.horizon"),
        ("lease: {ttl: 60s}", "lease.ttl"), ("lease: {grace: 100ms}", "lease.grace"),
        ("audit: {retention: 1y}", "audit.retention"), ("webhook: {listen: \"localhost:1\"}", "webhook.listen"),
    ])
    func `a changed key that needs a restart is named and kept`(config: String, key: String) throws {
        let old = try settings("")
        let new = try settings(config)
        #expect(DaemonSettings.changesNeedingRestart(from: old, to: new) == [key])
        #expect(old.applyingReload(of: new) == old)
    }

    @Test(arguments: [
        "idempotency: {ttl: 1h}", "usage: {retention: 35d}", "tenants: {max_unknown: 1}", "log: {level: debug}",
        "lease: {recall_deadline: 1ms}", "reservation: {max_ttl: 1m}", "gate: {slowlog: off}",
        "webhook: {tolerance: 60s}",
    ])
    func `a changed key that a reload applies is applied`(config: String) throws {
        let old = try settings("")
        let new = try settings(config)
        #expect(DaemonSettings.changesNeedingRestart(from: old, to: new).isEmpty)
        #expect(old.applyingReload(of: new) == new && new != old)
    }

    @Test func `secrets of webhooks are followed, but for the first and the last`() throws {
        func settings(_ secret: String?) throws -> DaemonSettings {
            try self.settings("", environment: secret.map { ["STRIPE_WEBHOOK_SECRET": $0] } ?? [:])
        }
        let (none, old, new) = (try settings(nil), try settings("whsec_old_secret"), try settings("whsec_new_secret"))
        #expect(DaemonSettings.changesNeedingRestart(from: old, to: new).isEmpty)
        #expect(old.applyingReload(of: new).webhook == new.webhook)
        for (from, to) in [(none, new), (old, none)] {
            #expect(DaemonSettings.changesNeedingRestart(from: from, to: to) == ["STRIPE_WEBHOOK_SECRET"])
            #expect(from.applyingReload(of: to).webhook == from.webhook)
        }
    }

    @Test func `a changed catalogue is applied`() throws {
        let old = try SettingsFiles().load("holder_id: h")
        let new = try SettingsFiles().load("holder_id: h", plans: "meters: {a: {kind: level}}\nplans: {}")
        #expect(DaemonSettings.changesNeedingRestart(from: old, to: new).isEmpty)
        #expect(old.applyingReload(of: new).catalogue.meters.map(\.name) == ["a"])
    }

    @Test func `changed secrets and listeners are named`() throws {
        let new = try settings(
            "control: {listen: localhost:1}",
            environment: [
                "STRIPE_SECRET_KEY": "a", "TOLLGATE_CONTROL_TOKEN": "b", "TOLLGATE_REDIS_PASSWORD": "c",
                "TOLLGATE_HOLDER_ID": "other", "TOLLGATE_NOTIFY_URL": "https://x", "TOLLGATE_NOTIFY_TIMEOUT": "1s",
                "TOLLGATE_NOTIFY_SECRET": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            ])
        #expect(
            DaemonSettings.changesNeedingRestart(from: try settings(""), to: new) == [
                "holder_id", "TOLLGATE_REDIS_PASSWORD", "control.listen", "TOLLGATE_CONTROL_TOKEN",
                "STRIPE_SECRET_KEY", "notify.url", "notify.timeout", "TOLLGATE_NOTIFY_SECRET",
            ])
    }
}
