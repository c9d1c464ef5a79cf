/// What reservations say of the totals in a ledger that is being opened.
///
/// A settled one names the totals that its lease and hour had once it was settled; whether a kill came before they were
/// written is not known, and to raise them to that again changes nothing. What open ones hold of a lease is added up
/// anew, so that it is right whatever was interrupted.
struct ReservationRedo {
    /// A slot by its identity, which two incarnations may have in common.
    private struct Owner: Hashable {
        let incarnation: Int
        let key: SlotKey
    }

    private var spent: [Owner: Int64] = [:]
    private var consumed: [Owner: Int64] = [:]
    private var reserved: [Owner: Int64] = [:]
    private let isEmpty: Bool

    init(_ slots: [SlotPointer], in map: LedgerMap, keepsOpen: Bool) {
        isEmpty = slots.isEmpty
        var states: [Owner: ReservationState] = [:]
        for slot in slots {
            states[Owner(incarnation: slot.descriptor.incarnation, key: slot.key)] = ReservationSlot(slot).state
        }
        for slot in slots {
            let descriptor = slot.descriptor
            guard let key = ReservationKey(slot.key), let tenant = map.tenantNames.bytes(descriptor.tenantID),
                let meter = map.meterNames.bytes(descriptor.meterID)
            else { continue }
            let first = ReservationKey(number: key.number, item: 0).slotKey
            let pair = map.birth.seed.tenant(tenant.span).pair(map.birth.seed.meter(meter.span))
            let place = SlotImage(slot).place
            let lease = Owner(
                incarnation: descriptor.incarnation, key: pair.key(.lease(periodStart: place.periodStart)))
            let hour = Owner(
                incarnation: descriptor.incarnation,
                key: pair.key(.usage(periodStart: place.periodStart, hour: place.hour)))
            let row = ReservationSlot(slot)
            switch states[Owner(incarnation: descriptor.incarnation, key: first)] {
            case .open: if keepsOpen { reserved[lease, default: 0] += row.amount }
            case .committed:
                spent[lease] = max(spent[lease] ?? 0, row.spentTotal)
                consumed[hour] = max(consumed[hour] ?? 0, row.consumedTotal)
            case .expired, .released, nil: break
            }
        }
    }

    /// Brings a slot's totals up to date.
    func apply(to slot: SlotPointer) {
        // As a rule nothing is reserved, and a start looks at every slot.
        if isEmpty {
            if slot.descriptor.kind == .lease, LeaseSlot(slot).reserved != 0 { slot.setTotal(3, 0) }
            return
        }
        let owner = Owner(incarnation: slot.descriptor.incarnation, key: slot.key)
        switch slot.descriptor.kind {
        case .lease:
            let row = LeaseSlot(slot)
            // Stored only where it differs, so that opening a ledger makes no page of it dirty.
            if row.reserved != reserved[owner] ?? 0 { slot.setTotal(3, reserved[owner] ?? 0) }
            guard spent[owner] != nil || reserved[owner] != nil else { return }
            row.raiseSpent(to: spent[owner] ?? 0)
            // What is spent or reserved was granted, also where a kill came before that was written down.
            row.raiseGranted(to: row.returned + row.spent + row.reserved)
        case .usage: if let total = consumed[owner] { UsageSlot(slot).raiseConsumed(to: total) }
        case .decided, .reservation, nil: break
        }
    }
}
