import Settings
import Testing

struct LedgerSettingsTests {
    private static let leases: [(config: String, message: String)] = [
        (
            "ledger: {slots: 1023}\n",
            "tollgate.yaml:1:17: ledger.slots must be a whole number from 1024 to 67108864, not 1023"
        ),
        (
            "ledger: {retention: 36d}\n",
            """
            tollgate.yaml:1:21: ledger.retention must be a duration from 1h to 35d (250ms, 60s, 15m, 48h, 7d), not 36d
            """
        ),
        ("durability: disk\n", "tollgate.yaml:1:13: durability must be one of process, power, redis, not disk"),
        (
            "lease: {recall_deadline: 2s}\n",
            """
            tollgate.yaml:1:26: lease.recall_deadline must be a duration from 1ms to 1s \
            (250ms, 60s, 15m, 48h, 7d), not 2s
            """
        ),
        (
            "lease: {horizon: 300ms, ttl: 599ms, grace: 100ms}\n",
            """
            tollgate.yaml:1:30: lease.ttl must be at least twice lease.horizon, and 599ms is less than 2 * 300ms
            """
        ),
        (
            "lease: {horizon: 3s}\n",
            "tollgate.yaml:1:18: lease.ttl must be at least twice lease.horizon, and 5s is less than 2 * 3s"
        ),
        (
            "lease: {ttl: 2s, grace: 2s}\n",
            "tollgate.yaml:1:25: lease.grace must be less than lease.ttl, and 2s is not less than 2s"
        ),
        (
            "lease: {ttl: 1s}\n",
            "tollgate.yaml:1:14: lease.grace must be less than lease.ttl, and 1s is not less than 1s"
        ),
    ]

    @Test(arguments: leases)
    func `a bad setting of the ledger or its leases is named with its place and what is allowed`(
        config: String, message: String
    ) throws {
        let problems = try SettingsFiles().problems(config)
        #expect(problems == [message])
    }

    @Test func `leases may be as short as they go together`() throws {
        let settings = try SettingsFiles().load("lease: {horizon: 250ms, ttl: 500ms, grace: 499ms}\n")
        #expect(settings.leases.ttl == .milliseconds(500) && settings.leases.grace == .milliseconds(499))
    }
}
