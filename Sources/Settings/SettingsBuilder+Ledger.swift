/// The ledger and the leases, whose times depend on each other.
extension SettingsBuilder {
    func ledger() -> LedgerSettings {
        LedgerSettings(
            slots: reader.integer(.ledgerSlots, default: 1 << 20, in: 1_024...1 << 26),
            // What is older could not be billed any more: Stripe takes usage up to 35 days back
            // (docs.stripe.com/api/billing/meter-event/create).
            retention: reader.duration(
                .ledgerRetention, default: .seconds(48 * 3_600), in: .seconds(3_600)...SettingsBuilder.day * 35),
            durability: reader.word(.durability, default: .process))
    }

    func leases() -> LeasesSettings {
        let leases = LeasesSettings(
            horizon: reader.duration(
                .leaseHorizon, default: .milliseconds(300), in: .milliseconds(10)...(.seconds(10))),
            ttl: reader.duration(.leaseTTL, default: .seconds(5), in: .milliseconds(500)...(.seconds(60))),
            grace: reader.duration(.leaseGrace, default: .seconds(1), in: .milliseconds(100)...(.seconds(30))),
            recallDeadline: reader.duration(
                .leaseRecallDeadline, default: .milliseconds(25), in: .milliseconds(1)...(.seconds(1))),
            reservationTTL: reader.duration(
                .reservationMaxTTL, default: .seconds(900), in: .seconds(1)...(.seconds(900))))
        // Every horizon renews the leases: one renewal may get lost without an end to any of them.
        if leases.ttl < leases.horizon * 2 {
            note(
                .leaseTTL, or: .leaseHorizon,
                "lease.ttl must be at least twice lease.horizon, and \(DurationText.format(leases.ttl)) is less than "
                    + "2 * \(DurationText.format(leases.horizon))")
        }
        if leases.grace >= leases.ttl {
            note(
                .leaseGrace, or: .leaseTTL,
                "lease.grace must be less than lease.ttl, and \(DurationText.format(leases.grace)) is not less than "
                    + DurationText.format(leases.ttl))
        }
        return leases
    }

    /// Notes that two keys do not go together, at the first that somebody set: their defaults do.
    private func note(_ key: SettingKey, or other: SettingKey, _ message: String) {
        guard let value = reader.raw.values[key] ?? reader.raw.values[other] else { return }
        reader.problems.add(value.yaml.origin, message)
    }
}
