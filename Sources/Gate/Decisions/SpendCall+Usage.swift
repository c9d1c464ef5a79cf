internal import Metering
internal import RESP

/// The reply to `USAGE`: a row a meter, of names and values.
extension SpendCall {
    func writeUsage(to output: inout OutputBuffer) {
        let shown = slots.indices.filter { !request.isOfPlan || slots[$0].isInPlan }
        output.appendArrayHeader(shown.count)
        for index in shown {
            output.appendMapHeader(Self.usageFields, version)
            appendUsage(ofItem: index, slots[index], to: &output)
        }
    }

    /// How many fields ``appendUsage(ofItem:_:to:)`` appends.
    static let usageFields = 14

    /// How an item stands by what Redis has told of it.
    private func usage(ofItem index: Int, _ slot: MeterSlot) -> MeterUsage {
        let outcome = outcomes[index]
        let isRate = slot.kind == .rate
        let wait = outcome.retryAfterMilliseconds
        return MeterUsage(
            kind: slot.kind, limit: slot.limit, period: slot.period, used: outcome.used,
            reserved: isRate ? 0 : outcome.retryAfterMilliseconds, instant: decidedAt,
            wholeAt: wait > 0 ? decidedAt + wait * 1000 : nil)
    }

    func appendUsage(ofItem index: Int, _ slot: MeterSlot, to output: inout OutputBuffer) {
        let usage = usage(ofItem: index, slot)
        output.append(bulk: "meter")
        output.append(chunk: rules.replyNames[request.items[index].meter])
        output.append(bulk: "kind")
        output.append(bulkUTF8: slot.kind.rawValue)
        output.append(bulk: "used")
        output.append(integer: usage.used)
        output.append(bulk: "limit")
        output.append(integer: slot.limit)
        output.append(bulk: "percent")
        // Nothing is a share of no limit; of a limit of 0, anything is all of it.
        if slot.limit < 0 {
            output.appendNull(version)
        } else {
            let percent =
                slot.limit == 0 ? (usage.used > 0 ? 100 : 0) : Double(usage.used) * 100 / Double(slot.limit)
            output.append(integer: Int64(percent))
        }
        output.append(bulk: "period_start")
        append(slot.period?.start, to: &output)
        output.append(bulk: "period_end")
        append(slot.period?.end, to: &output)
        // When Redis said so; what this holder has spent since is in it all the same.
        output.append(bulk: "as_of")
        output.append(integer: decidedAt / 1000)
        output.append(bulk: "resets_at")
        append(usage.resetsAt, to: &output)
        output.append(bulk: "reserved")
        output.append(integer: usage.reserved)
        output.append(bulk: "granted")
        output.append(integer: slot.granted)
        output.append(bulk: "overage")
        output.append(integer: usage.overage)
        output.append(bulk: "projected")
        append(usage.projected, to: &output)
        output.append(bulk: "mode")
        output.append(bulkUTF8: slot.mode.rawValue)
    }

    /// A number, such as Unix seconds; null where there is none.
    func append(_ number: Int64?, to output: inout OutputBuffer) {
        if let number { output.append(integer: number) } else { output.appendNull(version) }
    }

    /// A text; null where there is none.
    func append(_ text: String?, to output: inout OutputBuffer) {
        if let text { output.append(bulkUTF8: text) } else { output.appendNull(version) }
    }
}
