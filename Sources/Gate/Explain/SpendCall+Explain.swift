internal import Metering
internal import RESP
internal import RedisLink

/// The reply to `EXPLAIN`: what this gate decides a tenant's calls by, and what it and Redis know of its usage. Names
/// and values, in RESP3 maps.
extension SpendCall {
    func writeExplanation(to output: inout OutputBuffer, _ server: GateServer) {
        let reading = server.reading(of: entry)
        let tenant = entry.tenant
        output.appendMapHeader(11, version)
        output.append(bulk: "tenant")
        output.append(bulkUTF8: entry.name)
        output.append(bulk: "holder")
        output.append(bulkUTF8: reading.holder)
        output.append(bulk: "access")
        output.append(bulkUTF8: entry.refusal?.rawValue ?? "ok")
        output.append(bulk: "plan")
        append(entry.entitlement.plan?.slug, to: &output)
        output.append(bulk: "plan_from")
        output.append(bulkUTF8: rules.catalogue.planOrigin(of: tenant).rawValue)
        output.append(bulk: "status")
        append(tenant?.status?.rawValue, to: &output)
        output.append(bulk: "restricted")
        let second = server.redisSecond
        append(tenant?.restriction.flatMap { $0.isInForce(at: second) ? $0.reason : nil }, to: &output)
        output.append(bulk: "redis")
        output.append(bulkUTF8: reading.isStoreConnected ? "connected" : "away")
        output.append(bulk: "learning")
        output.append(integer: reading.isLearning ? 1 : 0)
        output.append(bulk: "last_refusal")
        append(reading.lastRefusal, to: &output)
        output.append(bulk: "meters")
        appendMeters(reading, to: &output, server)
    }

    private func appendMeters(_ reading: TenantReading, to output: inout OutputBuffer, _ server: GateServer) {
        // Redis has told of the slots it was asked for, in their order; where it is away there may be none.
        let isTold = outcomes.count == request.items.count && slots.count == request.items.count
        let second = server.redisSecond
        let all = request.items.indices.map { index in
            isTold ? slots[index] : entry.makeSlot(request.items[index].meter, at: second, rules)
        }
        let shown = all.indices.filter { !request.isOfPlan || all[$0].isInPlan }
        output.appendArrayHeader(shown.count)
        for index in shown {
            let name = rules.catalogue.meters[request.items[index].meter].name
            output.appendMapHeader(4 + (isTold ? Self.usageFields : 3), version)
            if isTold {
                appendUsage(ofItem: index, all[index], to: &output)
            } else {
                output.append(bulk: "meter")
                output.append(bulkUTF8: name)
                output.append(bulk: "limit")
                output.append(integer: all[index].limit)
                output.append(bulk: "mode")
                output.append(bulkUTF8: all[index].mode.rawValue)
            }
            output.append(bulk: "in_plan")
            output.append(integer: all[index].isInPlan ? 1 : 0)
            output.append(bulk: "own_limit")
            append(entry.tenant?.limits[name].flatMap { $0.isInForce(at: second) ? $0.value : nil }, to: &output)
            output.append(bulk: "cells_in_hand")
            output.append(integer: reading.rates.first { $0.meter == name }?.cells ?? 0)
            output.append(bulk: "lease")
            append(reading.leases.first { $0.reading.key.meter == name }, to: &output)
        }
    }

    private func append(_ lease: TenantReading.Lease?, to output: inout OutputBuffer) {
        guard let lease else { return output.appendNull(version) }
        let numbers: [(name: String, value: Int64)] = [
            ("period", lease.reading.key.period), ("used", lease.reading.used), ("granted", lease.granted),
            ("returned", lease.returned), ("spent", lease.spent), ("reserved", lease.reserved),
            ("unspent", lease.reading.unspent), ("unsettled", lease.reading.unsettled),
            ("waiting", Int64(lease.reading.waiting)), ("lasts_ms", lease.lastsFor / 1000),
            ("reserved_ms", lease.reservedFor / 1000),
        ]
        output.appendMapHeader(numbers.count, version)
        for (name, value) in numbers {
            output.append(bulkUTF8: name)
            output.append(integer: value)
        }
    }

    private func append(_ refusal: RefusalReading?, to output: inout OutputBuffer) {
        guard let refusal else { return output.appendNull(version) }
        output.appendMapHeader(9, version)
        output.append(bulk: "at")
        output.append(integer: refusal.instant / 1000)
        for (name, text) in [
            ("command", refusal.command), ("meter", refusal.meter), ("reason", refusal.reason.rawValue),
            ("decided_by", refusal.source.rawValue),
        ] {
            output.append(bulkUTF8: name)
            output.append(bulkUTF8: text)
        }
        for (name, value) in [
            ("amount", refusal.amount), ("used", refusal.used), ("limit", refusal.limit),
            ("retry_after_ms", refusal.retryAfterMilliseconds),
        ] {
            output.append(bulkUTF8: name)
            output.append(integer: value)
        }
    }
}
