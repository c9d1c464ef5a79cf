@testable import Metering

/// What `refund.lua` does, said once more in Swift.
extension SyncStore {
    struct KeptRefund: Equatable {
        let meaning: String
        let holder: String
        let items: [RefundReply.Item]
    }

    struct Audit: Equatable {
        let actor: String
        let before: [String: Int64]
        let after: [String: Int64]
    }

    /// What can be given back of one meter.
    private struct Finding {
        let before: Int64
        var counted: Int64 = 0
        var hours: [HourTotals] = []
        var isClipped = false
    }

    /// One run of the script at `now`, on the Redis of run `run`, with so many listeners to its channel.
    mutating func refund(_ request: RefundRequest, run: String, now: Int64, listeners: Int = 1) -> RefundReply {
        notices = []
        if now > request.notAfter { return .late }
        if let key = request.key, let kept = keptRefunds["\(request.tenant)/\(key.name)"] {
            guard kept.meaning == key.meaning else { return .otherArguments }
            return .done(kept.holder == request.holder ? kept.items : Self.withoutHours(kept.items), isRepeat: true)
        }
        let isKnown = life.map { $0.until == 0 && $0.run == run && $0.born == request.life?.born } ?? false
        if request.hasCounter, !isKnown, rules.contains(.refunds) { return .learning }
        guard versions[request.tenant] ?? "" == request.version else { return .otherVersion }
        if request.isUnknown { return .unknownTenant }
        let findings = request.items.map { look($0, request) }
        if !request.isFinal, askOthers(request, findings, now: now, listeners: listeners) { return .clipped }
        var items: [RefundReply.Item] = []
        for (item, finding) in zip(request.items, findings) { items.append(giveBack(finding, item, request)) }
        audit(request, findings)
        if let key = request.key {
            keptRefunds["\(request.tenant)/\(key.name)"] = KeptRefund(
                meaning: key.meaning, holder: request.holder, items: items)
        }
        return .done(items, isRepeat: false)
    }

    private static func withoutHours(_ items: [RefundReply.Item]) -> [RefundReply.Item] {
        items.map { RefundReply.Item(counted: $0.counted, used: $0.used, limit: $0.limit, hours: []) }
    }

    private func look(_ item: RefundRequest.Item, _ request: RefundRequest) -> Finding {
        guard case .counter(let period, let hours) = item.place else {
            let before = levels[item.meter] ?? 0
            return Finding(before: before, counted: min(item.amount, max(0, before)))
        }
        let key = LeaseKey(tenant: request.tenant, meter: item.meter, period: period)
        var finding = Finding(before: usages[key]?.used ?? 0)
        var left = min(item.amount, max(0, finding.before))
        for hour in hours.reversed() {
            let place = HourPlace(tenant: request.tenant, meter: item.meter, hour: hour)
            let rows = self.hours[place] ?? [:]
            var own = rows[request.holder] ?? HourTotals(hour: hour)
            let taken = min(left, max(0, rows.values.reduce(0) { $0 + $1.net }), Amount.largest - own.refunded)
            guard taken > 0 else { continue }
            left -= taken
            finding.counted += taken
            own.refunded += taken
            finding.hours.append(own)
        }
        finding.isClipped = finding.counted < item.amount
        return finding
    }

    private mutating func askOthers(
        _ request: RefundRequest, _ findings: [Finding], now: Int64, listeners: Int
    ) -> Bool {
        var areOthers = false
        for (item, finding) in zip(request.items, findings) where finding.isClipped {
            guard case .counter(let period, _) = item.place else { continue }
            let key = LeaseKey(tenant: request.tenant, meter: item.meter, period: period)
            notices.append(.tell(key))
            let rows = usages[key]?.rows ?? [:]
            if listeners > 1 || rows.contains(where: { $0.key != request.holder && $0.value.expiry > now }) {
                areOthers = true
            }
        }
        return areOthers
    }

    private mutating func giveBack(
        _ finding: Finding, _ item: RefundRequest.Item, _ request: RefundRequest
    ) -> RefundReply.Item {
        let rest = finding.before - finding.counted
        if case .counter(let period, _) = item.place, finding.counted > 0 {
            usages[LeaseKey(tenant: request.tenant, meter: item.meter, period: period)]?.used = rest
            for totals in finding.hours {
                let place = HourPlace(tenant: request.tenant, meter: item.meter, hour: totals.hour)
                hours[place]?[request.holder] = totals
                if item.isBilled { owed.insert(place) }
            }
        } else if finding.counted > 0 {
            levels[item.meter] = rest
        }
        let told = finding.hours.map {
            HourTotals(hour: $0.hour, consumed: $0.consumed, refunded: $0.refunded)
        }
        return RefundReply.Item(counted: finding.counted, used: rest, limit: item.limit, hours: told)
    }

    private mutating func audit(_ request: RefundRequest, _ findings: [Finding]) {
        var (before, after): ([String: Int64], [String: Int64]) = ([:], [:])
        for (item, finding) in zip(request.items, findings) where finding.counted > 0 {
            before[item.meter] = finding.before
            after[item.meter] = finding.before - finding.counted
        }
        if !before.isEmpty { audits.append(Audit(actor: request.actor, before: before, after: after)) }
    }
}
