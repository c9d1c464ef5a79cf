internal import COpenSSL

/// A Lua script of this module: one `.lua` file, embedded in the binary, run by its digest.
public struct Script: Sendable {
    /// The script's text.
    let source: [UInt8]
    /// SHA-1 of the text in lower-case hexadecimal, as `EVALSHA` takes it.
    let digest: [UInt8]

    /// Decides every call of the gate; `Scripts/spend.lua` states its keys, arguments and answer.
    public static let spend = Script(PackageResources.spend_lua)
    /// Merges a holder's totals and grants leases; `Scripts/sync.lua` states its keys, arguments and answer.
    public static let sync = Script(PackageResources.sync_lua)
    /// Gives usage back; `Scripts/refund.lua` states its keys, arguments and answer.
    public static let refund = Script(PackageResources.refund_lua)
    /// Remembers which thresholds a total has crossed, and tells of each once; `Scripts/alert.lua` has the rules.
    public static let alert = Script(PackageResources.alert_lua)
    static let noticeDrop = Script(PackageResources.notice_drop_lua)
    static let notifierHold = Script(PackageResources.notifier_hold_lua)
    static let firstUse = Script(PackageResources.first_use_lua)
    static let tenantPut = Script(PackageResources.tenant_put_lua)
    static let tenantRemove = Script(PackageResources.tenant_remove_lua)
    static let sendBegin = Script(PackageResources.hour_total_lua + PackageResources.send_begin_lua)
    static let sendEnd = Script(PackageResources.hour_total_lua + PackageResources.send_end_lua)
    static let hourSettle = Script(PackageResources.hour_total_lua + PackageResources.hour_settle_lua)
    static let latePut = Script(
        PackageResources.hour_total_lua + PackageResources.claim_check_lua + PackageResources.late_put_lua)
    static let creditLend = Script(
        PackageResources.hour_total_lua + PackageResources.claim_check_lua + PackageResources.credit_lend_lua)
    static let webhookPut = Script(PackageResources.webhook_put_lua)
    static let webhookHold = Script(PackageResources.webhook_hold_lua)
    static let webhookEnd = Script(PackageResources.webhook_end_lua)
    static let webhookRevive = Script(PackageResources.webhook_revive_lua)
    static let draftPut = Script(PackageResources.draft_put_lua)
    static let usageRead = Script(PackageResources.usage_read_lua)
    static let claim = Script(PackageResources.claim_lua)
    static let flusherBeat = Script(PackageResources.flusher_beat_lua)
    static let checkEnd = Script(PackageResources.check_end_lua)
    static let reconcileTake = Script(PackageResources.reconcile_take_lua)

    /// All of them, loaded once a connection.
    static let all = [
        spend, sync, refund, alert, firstUse, tenantPut, tenantRemove, sendBegin, sendEnd, usageRead, noticeDrop,
        notifierHold, claim, flusherBeat, hourSettle, latePut, creditLend, webhookPut, webhookHold, webhookEnd,
        webhookRevive, draftPut, checkEnd, reconcileTake,
    ]

    init(_ source: [UInt8]) {
        self.source = source
        var sum = [UInt8](repeating: 0, count: Int(SHA_DIGEST_LENGTH))
        _ = SHA1(source, source.count, &sum)
        let digits = Array("0123456789abcdef".utf8)
        digest = sum.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    }
}
