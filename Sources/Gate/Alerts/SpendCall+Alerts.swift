internal import Metering

extension SpendCall {
    /// Redis has said what stands of an item. A question says what would stand, which is nothing to tell of.
    func hear(_ used: Int64, ofItem index: Int) {
        guard command.counts, index < slots.count else { return }
        if let held = lease(ofItem: index) { return server.alerts.hear(used, of: held) }
        let slot = slots[index]
        guard slot.isInPlan, !slot.alerts.isEmpty, slot.limit >= 0, slot.kind == .counter || slot.kind == .level,
            !slot.watch.window.contains(used) || mayHaveMoved(slot, used, request.items[index].amount)
        else { return }
        let meter = rules.catalogue.meters[request.items[index].meter].name
        server.alerts.ask(slot) { [entry] in AlertSubject(slot, meter, entry) }
    }

    /// Whether this call may have taken a level over a threshold. Nobody here knows what a level that was set stood at.
    private func mayHaveMoved(_ slot: MeterSlot, _ used: Int64, _ amount: Int64) -> Bool {
        guard slot.kind == .level else { return false }
        let before = command == .refund ? used + amount : used - amount
        return command == .level || ThresholdWindow.isCrossed(slot.alerts, of: slot.limit, from: before, to: used)
    }
}

extension SpendCall.Command {
    /// Whether it can change a total.
    fileprivate var counts: Bool {
        switch self {
        case .take, .record, .level, .commit, .refund: true
        case .check, .feature, .usage, .explain, .reserve, .release, .extend: false
        }
    }
}
