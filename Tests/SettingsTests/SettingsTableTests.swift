import Metering
import Settings
import Testing

struct SettingsTableTests {
    private static let shape: [(config: String, message: String)] = [
        ("gate:\n  sokcet: /a\n", "tollgate.yaml:2:3: unknown key \"gate.sokcet\": did you mean \"gate.socket\"?"),
        ("gat: {}\n", "tollgate.yaml:1:1: unknown key \"gat\": did you mean \"gate\"?"),
        ("state-dir: x\n", "tollgate.yaml:1:1: unknown key \"state-dir\": did you mean \"state_dir\"?"),
        (
            "shutdown:\n  something_else: 1\n",
            "tollgate.yaml:2:3: unknown key \"shutdown.something_else\": allowed are shutdown.timeout"
        ),
        ("gate: 5\n", "tollgate.yaml:1:7: gate: must be a mapping, not 5"),
        ("[a, b]\n", "tollgate.yaml:1:1: must be a mapping of settings, not a list"),
        ("a: 1\na: 2\n", "tollgate.yaml:1:1: duplicate key \"a\": a key stands once in its mapping"),
        (
            "gate:\n  mode: 0660\n  mode: 0600\n",
            "tollgate.yaml:2:3: duplicate key \"mode\": a key stands once in its mapping"
        ),
        (
            "gate: {\n",
            "tollgate.yaml:2:1: not valid yaml: did not find expected node content, while parsing a flow node in line 2"
        ),
        ("? [a]\n: 1\n", "tollgate.yaml:1:3: a key must be text"),
    ]

    @Test(arguments: shape)
    func `a file of another shape is refused where it differs`(config: String, message: String) throws {
        let problems = try SettingsFiles().problems(config)
        #expect(problems == [message])
    }

    private static let gate: [(config: String, message: String)] = [
        ("gate: {mode: 0999}\n", Self.mode("0999")),
        ("gate: {mode: 660660}\n", Self.mode("660660")),
        ("gate: {mode: 2660}\n", Self.mode("2660")),
        (
            "gate:\n  max_connections: 0\n",
            "tollgate.yaml:2:20: gate.max_connections must be a whole number from 1 to 1000000, not 0"
        ),
        (
            "gate:\n  max_connections: \"10\"\n",
            "tollgate.yaml:2:20: gate.max_connections must be a whole number from 1 to 1000000, not the text \"10\""
        ),
        (
            "gate: {max_connections: [1]}\n",
            "tollgate.yaml:1:25: gate.max_connections must be a whole number from 1 to 1000000, not a list"
        ),
        (
            "gate: {max_connections: 1e3}\n",
            "tollgate.yaml:1:25: gate.max_connections must be a whole number from 1 to 1000000, not 1e3"
        ),
        ("gate: {loops: 2}\n", "tollgate.yaml:1:15: gate.loops over 1 is not supported yet"),
        (
            "gate: {max_request: 10Mb}\n",
            "tollgate.yaml:1:21: gate.max_request must be a size from 1KiB to 64MiB (64KiB, 10MB), not 10Mb"
        ),
        (
            "gate: {idle_timeout: never}\n",
            """
            tollgate.yaml:1:22: gate.idle_timeout must be off, or a duration from 1s to 7d \
            (250ms, 60s, 15m, 48h, 7d), not never
            """
        ),
        (
            "gate: {slowlog: 2m}\n",
            """
            tollgate.yaml:1:17: gate.slowlog must be off, or a duration from 0ms to 1m \
            (250ms, 60s, 15m, 48h, 7d), not 2m
            """
        ),
        (
            "gate: {allow_uids: [1000, root]}\n",
            "tollgate.yaml:1:27: gate.allow_uids must be a list of user ids (0 to 4294967295), not root"
        ),
        (
            "gate: {allow_uids: 1000}\n",
            "tollgate.yaml:1:20: gate.allow_uids must be a list of user ids (0 to 4294967295), not 1000"
        ),
        (
            "gate: {group: \"a:b\"}\n",
            "tollgate.yaml:1:15: gate.group must be the name or number of a group, not the text \"a:b\""
        ),
        (
            "gate: {socket: /\(String(repeating: "a", count: 107))}\n",
            """
            tollgate.yaml:1:16: gate.socket must be the path of a Unix socket, up to 107 bytes, \
            not /\(String(repeating: "a", count: 59))…
            """
        ),
    ]

    @Test(arguments: gate)
    func `a bad setting of the gate is named with its place and what is allowed`(config: String, message: String) throws
    {
        let problems = try SettingsFiles().problems(config)
        #expect(problems == [message])
    }

    private static let stores: [(config: String, message: String)] = [
        (
            "redis: {deadline: 20}\n",
            "tollgate.yaml:1:19: redis.deadline must be a duration from 1ms to 10s (250ms, 60s, 15m, 48h, 7d), not 20"
        ),
        (
            "redis: {deadline: 11s}\n",
            "tollgate.yaml:1:19: redis.deadline must be a duration from 1ms to 10s (250ms, 60s, 15m, 48h, 7d), not 11s"
        ),
        (
            "redis: {key_prefix: \"a{b}\"}\n",
            """
            tollgate.yaml:1:21: redis.key_prefix must be 1 to 32 characters of A-Z a-z 0-9 . _ : @ -, \
            not the text "a{b}"
            """
        ),
        (
            "redis: {partitions: 1001}\n",
            "tollgate.yaml:1:21: redis.partitions must be a whole number from 1 to 1000, not 1001"
        ),
        (
            "holder_id: \"a b\"\n",
            "tollgate.yaml:1:12: holder_id must be 1 to 32 characters of A-Z a-z 0-9 . _ -, not the text \"a b\""
        ),
        (
            "control: {listen: \"8700\"}\n",
            "tollgate.yaml:1:19: control.listen must be off, or host:port (127.0.0.1:8700), not the text \"8700\""
        ),
        (
            "control:\n  listen: 127.0.0.1:8700\n",
            """
            tollgate.yaml:2:11: control.listen needs a bearer token: \
            set TOLLGATE_CONTROL_TOKEN or TOLLGATE_CONTROL_TOKEN_FILE in the environment
            """
        ),
    ]

    @Test(arguments: stores)
    func `a bad setting of redis or control is named with its place and what is allowed`(
        config: String, message: String
    ) throws {
        let problems = try SettingsFiles().problems(config)
        #expect(problems == [message])
    }

    private static let others: [(config: String, message: String)] = [
        (
            "stripe: {api_base: \"http://example.com\"}\n",
            """
            tollgate.yaml:1:20: stripe.api_base must be an https:// URL, or an http:// one on a loopback address, \
            not the text "http://example.com"
            """
        ),
        (
            "stripe: {api_version: latest}\n",
            "tollgate.yaml:1:23: stripe.api_version must be a Stripe API version (2026-10-28.endive), not latest"
        ),
        (
            "usage: {retention: 34d}\n",
            """
            tollgate.yaml:1:20: usage.retention must be a duration from 35d to 3650d \
            (250ms, 60s, 15m, 48h, 7d), not 34d
            """
        ),
        (
            "log: {level: verbose}\n",
            """
            tollgate.yaml:1:14: log.level must be one of trace, debug, info, notice, warning, error, critical, \
            not verbose
            """
        ),
        ("log: {format: xml}\n", "tollgate.yaml:1:15: log.format must be one of auto, text, json, not xml"),
    ]

    @Test(arguments: others)
    func `any other bad setting is named with its place and what is allowed`(config: String, message: String) throws {
        let problems = try SettingsFiles().problems(config)
        #expect(problems == [message])
    }

    @Test(arguments: [
        ("ftp://x", "an https:// URL, or an http:// one on a loopback address"),
        ("http://hooks.example/x", "(others need notify.allow_http: true)"),
        ("https://user:secret@hooks.example/", "an https:// URL"),
    ])
    func `an address for notices that is none is refused, and not shown`(url: String, message: String) throws {
        let problems = try SettingsFiles().problems(
            "", environment: ["TOLLGATE_NOTIFY_URL": url, "TOLLGATE_NOTIFY_SECRET": Self.notifySecret])
        #expect(problems.count == 1 && problems[0].hasPrefix("TOLLGATE_NOTIFY_URL: notify.url must be an https:// URL"))
        #expect(problems[0].contains(message) && !problems[0].contains("secret@"))
    }

    private static let notifySecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

    @Test func `notices are signed with one secret, or several while they change`() throws {
        let url = ["TOLLGATE_NOTIFY_URL": "https://hooks.example"]
        let both = "\(Self.notifySecret), whsec_\(String(repeating: "QUJD", count: 8))"
        let settings = try SettingsFiles().load("", environment: url.merging(["TOLLGATE_NOTIFY_SECRET": both]) { $1 })
        #expect(settings.notify.secrets.map { $0.reveal() }.joined(separator: ", ") == both)
        #expect(!"\(settings)".contains("whsec_"))
        #expect(
            try SettingsFiles().problems("", environment: url) == [
                "TOLLGATE_NOTIFY_URL: notify.url needs a secret to sign with: set TOLLGATE_NOTIFY_SECRET or "
                    + "TOLLGATE_NOTIFY_SECRET_FILE in the environment"
            ])
        for bad in ["MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_!", "whsec_QUJD", "\(Self.notifySecret),"] {
            let problems = try SettingsFiles().problems("", environment: ["TOLLGATE_NOTIFY_SECRET": bad])
            #expect(
                problems == [
                    "TOLLGATE_NOTIFY_SECRET: must be whsec_ and 24 to 64 bytes in base64, at most 4 of them separated "
                        + "by commas"
                ])
        }
    }

    @Test func `webhooks are known by one secret, or several while they are rolled, and never by a blank one`() throws {
        let both = "whsec_new_secret, whsec_old_secret"
        let settings = try SettingsFiles().load("", environment: ["STRIPE_WEBHOOK_SECRET": both])
        #expect(settings.webhook.secrets.map { $0.reveal() } == ["whsec_new_secret", "whsec_old_secret"])
        #expect(settings.webhook.isServed && settings.webhook.listen?.description == "127.0.0.1:8787")
        #expect(settings.webhook.tolerance == .seconds(300) && !"\(settings)".contains("whsec_"))
        #expect(try !SettingsFiles().load("").webhook.isServed)
        let off = try SettingsFiles().load("webhook: {listen: off}", environment: ["STRIPE_WEBHOOK_SECRET": both])
        #expect(!off.webhook.isServed)
        for bad in [
            " ", "whsec_", "whsec_new_secret,", "whsec_new_secret,,whsec_x", "sk_live_12345678", "whsec_a b c d e",
        ] {
            let problems = try SettingsFiles().problems("", environment: ["STRIPE_WEBHOOK_SECRET": bad])
            #expect(
                problems.count == 1 && problems[0].hasPrefix("STRIPE_WEBHOOK_SECRET: must be signing secrets"), "\(bad)"
            )
        }
    }

    private static func mode(_ text: String) -> String {
        "tollgate.yaml:1:14: gate.mode must be permission bits in octal, 0000 to 0777 (\"0660\"), not \(text)"
    }

    @Test(arguments: [
        "billing_page: {listen: x}", "billing_page: {public_url: x}", "checkout: {allowed_urls: []}",
        "mail: {smtp_url: x}", "mail: {from: x}",
    ])
    func `a key that nothing reads yet is refused`(config: String) throws {
        let problems = try SettingsFiles().problems(config)
        let key =
            config.prefix { $0 != ":" }
            + (config.firstRange(of: ": {").map { start in
                "." + config[start.upperBound...].prefix { $0 != ":" }
            } ?? "")
        #expect(problems.count == 1 && problems[0].hasSuffix(": \(key) is not supported yet"), "\(problems)")
        let variable = "TOLLGATE_" + key.uppercased().replacing(".", with: "_")
        let byEnvironment = try SettingsFiles().problems("", environment: [variable: "1"])
        #expect(byEnvironment == ["\(variable): \(key) is not supported yet"])
    }

    @Test func `all problems are reported, file by file from the top and the environment last`() throws {
        let problems = try SettingsFiles().problems(
            "log: {level: x}\ngate: {mode: 9, loops: 3}\n", plans: "meters: {}\nplan: {}\n",
            environment: ["TOLLGATE_REDIS_DEADLINE": "soon"])
        #expect(
            problems.map { String($0.prefix { $0 != " " }) } == [
                "plans.yaml:1:1:", "plans.yaml:2:1:", "tollgate.yaml:1:14:", "tollgate.yaml:2:14:",
                "tollgate.yaml:2:24:", "TOLLGATE_REDIS_DEADLINE:",
            ])
    }

    @Test func `a file that would fill the memory or the stack is refused`() throws {
        let bomb = (1...9).map { level in
            let items = Array(repeating: level == 1 ? "x" : "*a\(level - 1)", count: 10)
            return "a\(level): &a\(level) [\(items.joined(separator: ","))]"
        }
        let tooMany = try SettingsFiles().problems(bomb.joined(separator: "\n"))
        #expect(tooMany == ["tollgate.yaml: has more than 200000 values"])
        let deep = try SettingsFiles().problems("a: " + String(repeating: "[", count: 100_000))
        #expect(deep.count == 1 && deep[0].hasPrefix("tollgate.yaml:1:"))
        let large = try SettingsFiles().problems("#" + String(repeating: "a", count: 4 << 20))
        #expect(large == ["tollgate.yaml: has 4194305 bytes, allowed are 4194304"])
    }

    @Test func `a file that is not there or no text is one clear problem`() throws {
        let files = try SettingsFiles()
        let missing = files.path("none.yaml")
        let error = #expect(throws: SettingsError.self) {
            try DaemonSettings.load(configPath: missing, environment: [:])
        }
        #expect(
            error?.problems.map(\.description) == [
                "\(missing): cannot be read: no such file", "\(files.path("plans.yaml")): cannot be read: no such file",
            ])
        let nothing = #expect(throws: SettingsError.self) {
            try DaemonSettings.load(configPath: nil, environment: [:])
        }
        #expect(
            nothing?.description
                == "plans.yaml: no plan catalogue is named: give its file, or a settings file that it lies beside")
    }
}
