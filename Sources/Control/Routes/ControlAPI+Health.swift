import RedisLink

extension ControlAPI {
    /// 200 when Redis answers, the flusher runs and the gate serves; otherwise 503, with each said.
    func readiness() async -> ControlAnswer {
        var redis = "ok"
        do throws(StoreError) {
            _ = try await context.store.time()
        } catch {
            redis = error.message
        }
        let isFlusherAlive = await flusher.status.isRunning
        let isGateReady = context.gateReady()
        let isReady = redis == "ok" && isFlusherAlive && isGateReady
        let state: JSONValue = .object([
            "status": .string(isReady ? "ready" : "not ready"), "redis": .string(redis),
            "flusher": .string(isFlusherAlive ? "ok" : "not running"),
            "gate": .string(isGateReady ? "ok" : "not ready"),
        ])
        return .json(state, status: isReady ? 200 : 503)
    }

    func metricsPage() async -> ControlAnswer {
        let status = await flusher.status
        var metrics = context.metrics() + processMetrics() + flushMetrics(status)
        metrics += (claims?.status ?? ClaimStatus()).metrics
        metrics += (await notifier?.status ?? NoticeStatus()).metrics
        metrics += webhooks.metrics
        metrics += (await checker?.status ?? CheckStatus()).metrics
        do throws(StoreError) {
            let events = try await context.store.eventCounts()
            metrics += WebhookCounts.waiting(events, now: context.now())
            let owed = try await context.store.owedCounts().reduce(0, +)
            let dead = try await context.store.deadCounts().reduce(0, +)
            let counts = try await context.store.tenantCounts()
            let notices = try await context.store.noticeCount()
            metrics += reconcileMetrics(
                try await context.store.reconcileReport().flatMap { DailyReport(text: $0) },
                checks: try await context.store.checkCount())
            metrics += [
                Metric("tollgate_redis_up", help: "Whether Redis answered this page.", kind: .gauge, 1),
                Metric(
                    "tollgate_owed_hours", help: "Hours whose total Stripe has not acknowledged.", kind: .gauge,
                    Double(owed)),
                Metric(
                    "tollgate_dead_hours", help: "Hours that Stripe refused for good.", kind: .gauge, Double(dead)),
                Metric("tollgate_tenants", help: "Tenants with a record.", kind: .gauge, Double(counts.tenants)),
                Metric(
                    "tollgate_strangers", help: "Tenants without a record that have used something.", kind: .gauge,
                    Double(counts.strangers)),
                Metric(
                    "tollgate_notices_waiting", help: "Notices that wait to be delivered.", kind: .gauge,
                    Double(notices)),
            ]
        } catch {
            // The page is most wanted when Redis is away, so the rest of it is shown all the same.
            metrics.append(Metric("tollgate_redis_up", help: "Whether Redis answered this page.", kind: .gauge, 0))
        }
        return .text(Metric.page(metrics), type: "text/plain; version=0.0.4; charset=utf-8")
    }

    private func processMetrics() -> [Metric] {
        [
            Metric(
                "tollgate_build_info", help: "The version that runs.", kind: .gauge,
                samples: [.init(1, labels: [("version", configuration.version)])]),
            Metric(
                "tollgate_start_time_seconds", help: "When the control plane began, in Unix seconds.", kind: .gauge,
                Double(startedAt) / 1000),
            Metric(
                "tollgate_gate_ready", help: "Whether the gate serves.", kind: .gauge, context.gateReady() ? 1 : 0),
        ]
    }

    private func flushMetrics(_ status: FlushStatus) -> [Metric] {
        [
            Metric(
                "tollgate_flush_rounds_total", help: "Rounds of sending that ended.", kind: .counter,
                Double(status.rounds)),
            Metric(
                "tollgate_flush_failed_rounds_total", help: "Rounds that ended for want of Redis.", kind: .counter,
                Double(status.failedRounds)),
            Metric("tollgate_flush_sent_total", help: "Meter events sent.", kind: .counter, Double(status.sent)),
            Metric(
                "tollgate_flush_acknowledged_total", help: "Hours whose total Stripe took.", kind: .counter,
                Double(status.acknowledged)),
            Metric(
                "tollgate_flush_failed_total", help: "Meter events that did not end with a yes.", kind: .counter,
                Double(status.failed)),
            Metric(
                "tollgate_flush_stopped", help: "Whether something stopped the last round.", kind: .gauge,
                status.stopped == nil ? 0 : 1),
            Metric(
                "tollgate_flush_last_time_seconds", help: "When the last round ended, in Unix seconds; 0 before.",
                kind: .gauge, Double(status.lastRound ?? 0) / 1000),
            Metric(
                "tollgate_flush_last_whole_time_seconds",
                help: "When the last round that nothing stopped ended, in Unix seconds; 0 before.", kind: .gauge,
                Double(status.lastWholeRound ?? 0) / 1000),
            Metric(
                "tollgate_owed_oldest_seconds",
                help: "How long ago the oldest owed hour began that the last round found; 0 when none was owed.",
                kind: .gauge, Double(status.oldestOwed.map { max(0, context.now() / 1000 - $0 * 3600) } ?? 0)),
            Metric(
                "tollgate_books_close_seconds",
                help: "In how many seconds the books close of a period that is over and has hours owed; -1 for none.",
                kind: .gauge, Double(status.booksClose.map { max(0, $0 - context.now() / 1000) } ?? -1)),
            Metric(
                "tollgate_waiting_hours", help: "Hours that the last round left, by why.", kind: .gauge,
                samples: status.waiting.sorted { $0.key < $1.key }.map {
                    .init(Double($0.value), labels: [("state", $0.key)])
                }),
        ]
    }
}
