/// What a reload can change in a running daemon, and what only a restart can.
extension DaemonSettings {
    /// The keys that differ and need a restart, in the order of the manual; a secret goes by its variable.
    public static func changesNeedingRestart(from old: DaemonSettings, to new: DaemonSettings) -> [String] {
        var changed: [String] = []
        func note(_ name: String, _ differs: Bool) {
            if differs { changed.append(name) }
        }
        func note(_ key: SettingKey, _ differs: Bool) {
            note(key.rawValue, differs)
        }
        note(.stateDirectory, old.stateDirectory != new.stateDirectory)
        note(.holderID, old.holderID != new.holderID)
        note(.gateSocket, old.gate.socket != new.gate.socket)
        note(.gateMode, old.gate.mode != new.gate.mode)
        note(.gateGroup, old.gate.group != new.gate.group)
        note(.gateAllowUIDs, old.gate.allowUIDs != new.gate.allowUIDs)
        note(.gateMaxConnections, old.gate.maxConnections != new.gate.maxConnections)
        note(.gateIdleTimeout, old.gate.idleTimeout != new.gate.idleTimeout)
        note(.gateMaxRequest, old.gate.maxRequestBytes != new.gate.maxRequestBytes)
        note(.gateMaxOutput, old.gate.maxOutputBytes != new.gate.maxOutputBytes)
        note(.gateLoops, old.gate.loops != new.gate.loops)
        note(.redisURL, old.redis.location != new.redis.location || old.redis.user != new.redis.user)
        note(.redisDeadline, old.redis.deadline != new.redis.deadline)
        note(.redisPartitions, old.redis.partitions != new.redis.partitions)
        note(.redisKeyPrefix, old.redis.keyPrefix != new.redis.keyPrefix)
        note(SecretName.redisPassword.rawValue, old.redis.password != new.redis.password)
        note(.ledgerSlots, old.ledger.slots != new.ledger.slots)
        note(.ledgerRetention, old.ledger.retention != new.ledger.retention)
        note(.durability, old.ledger.durability != new.ledger.durability)
        note(.leaseHorizon, old.leases.horizon != new.leases.horizon)
        note(.leaseTTL, old.leases.ttl != new.leases.ttl)
        note(.leaseGrace, old.leases.grace != new.leases.grace)
        note(.controlSocket, old.control.socket != new.control.socket)
        note(.controlListen, old.control.listen != new.control.listen)
        note(SecretName.controlToken.rawValue, old.control.token != new.control.token)
        note(.stripeAPIBase, old.stripe.apiBase != new.stripe.apiBase)
        note(.stripeMeterEventsBase, old.stripe.meterEventsBase != new.stripe.meterEventsBase)
        note(.stripeAPIVersion, old.stripe.apiVersion != new.stripe.apiVersion)
        note(.stripeFlushInterval, old.stripe.flushInterval != new.stripe.flushInterval)
        note(.stripeRequestsPerSecond, old.stripe.requestsPerSecond != new.stripe.requestsPerSecond)
        note(.stripeMeterEventsPerSecond, old.stripe.meterEventsPerSecond != new.stripe.meterEventsPerSecond)
        note(.stripeStreamEventsPerSecond, old.stripe.streamEventsPerSecond != new.stripe.streamEventsPerSecond)
        note(.stripeTimeout, old.stripe.timeout != new.stripe.timeout)
        note(.stripeMeterEvents, old.stripe.meterEvents != new.stripe.meterEvents)
        note(.stripeStreamAbove, old.stripe.streamAbove != new.stripe.streamAbove)
        note(.stripeSummaryLag, old.stripe.summaryLag != new.stripe.summaryLag)
        note(.stripeBooksMargin, old.stripe.booksMargin != new.stripe.booksMargin)
        note(.stripeCheckInterval, old.stripe.checkInterval != new.stripe.checkInterval)
        note(SecretName.stripeSecretKey.rawValue, old.stripe.secretKey != new.stripe.secretKey)
        note(.webhookListen, old.webhook.listen != new.webhook.listen)
        // Secrets are followed, but for the first and the last: they begin and end the listener.
        note(SecretName.stripeWebhookSecret.rawValue, old.webhook.secrets.isEmpty != new.webhook.secrets.isEmpty)
        note(.auditRetention, old.auditRetention != new.auditRetention)
        note(.notifyURL, old.notify.url != new.notify.url)
        note(.notifyTimeout, old.notify.timeout != new.notify.timeout)
        note(SecretName.notifySecret.rawValue, old.notify.secrets != new.notify.secrets)
        note(.shutdownTimeout, old.shutdownTimeout != new.shutdownTimeout)
        note(.logFormat, old.log.format != new.log.format)
        return changed
    }

    /// These settings with everything from the new ones that a running daemon can take on: the catalogue,
    /// `gate.slowlog`, `lease.recall_deadline`, `reservation.max_ttl`, `idempotency.ttl`, `usage.retention`,
    /// `tenants.max_unknown`, `webhook.tolerance`, the webhook secrets and `log.level`.
    public func applyingReload(of new: DaemonSettings) -> DaemonSettings {
        var settings = self
        settings.gate.slowLog = new.gate.slowLog
        settings.leases.recallDeadline = new.leases.recallDeadline
        settings.leases.reservationTTL = new.leases.reservationTTL
        settings.idempotencyTTL = new.idempotencyTTL
        settings.usageRetention = new.usageRetention
        settings.tenants = new.tenants
        settings.webhook.tolerance = new.webhook.tolerance
        if !settings.webhook.secrets.isEmpty, !new.webhook.secrets.isEmpty {
            settings.webhook.secrets = new.webhook.secrets
        }
        settings.log.level = new.log.level
        settings.catalogue = new.catalogue
        settings.configPath = new.configPath
        settings.plansPath = new.plansPath
        settings.warnings = new.warnings
        return settings
    }
}
