/// A slot, copied and with its names: for people and for tests, not for the path of a call.
public struct LedgerEntry: Sendable, Equatable {
    /// What the slot's four words are.
    public enum Totals: Sendable, Equatable {
        /// Of a lease.
        case lease(granted: Int64, returned: Int64, spent: Int64, reserved: Int64)
        /// Of a usage hour; the last two as Redis has acknowledged them.
        case usage(consumed: Int64, refunded: Int64, settledConsumed: Int64, settledRefunded: Int64)
        /// Of what Redis decided in an hour; the last one as Redis has acknowledged it.
        case decided(decided: Int64, settled: Int64)
        /// Of a reservation: how much it set aside, and what has become of it.
        case reservation(amount: Int64, state: ReservationState)
    }

    /// The slot's number.
    public let slot: SlotIndex
    /// The tenant's id.
    public let tenant: String
    /// The meter's name.
    public let meter: String
    /// Kind, period and hour.
    public let place: SlotPlace
    /// The name that its totals go by: holder id, loop and incarnation.
    public let holder: String
    /// Whether that is the holder's name now. Slots of former incarnations are only sent and let go.
    public let isCurrent: Bool
    /// The four words.
    public let totals: Totals

    /// Whether Redis has all of it, as far as the ledger knows: of an hour by the totals, of a lease by its owner's
    /// word.
    public let isSettled: Bool
}

extension LedgerEntry {
    /// Nil for a free slot, and for one whose words or names cannot be true.
    init?(_ image: SlotImage, number: Int, in map: LedgerMap, _ state: LedgerState) {
        let descriptor = image.descriptor
        // The names are copied before they are checked: an owner may be writing others in their place.
        guard let kind = descriptor.kind, state.hasIncarnation(at: descriptor.incarnation),
            let tenant = map.tenantNames.bytes(descriptor.tenantID).map({ Array($0) }),
            let meter = map.meterNames.bytes(descriptor.meterID).map({ Array($0) }),
            map.fault(of: image, tenant: tenant.span, meter: meter.span) == nil
        else { return nil }
        slot = SlotIndex(number)
        self.tenant = String(decoding: tenant, as: UTF8.self)
        self.meter = String(decoding: meter, as: UTF8.self)
        place = image.place
        holder = "\(map.birth.holderID).\(map.birth.loop).\(state.incarnations[descriptor.incarnation])"
        isCurrent = descriptor.incarnation == state.current
        let words = image.totals
        switch kind {
        case .lease:
            totals = .lease(granted: words[0], returned: words[1], spent: words[2], reserved: words[3])
            isSettled = descriptor.isSettled
        case .usage:
            totals = .usage(
                consumed: words[0], refunded: words[1], settledConsumed: words[2], settledRefunded: words[3])
            isSettled = words[2] >= words[0] && words[3] >= words[1]
        case .decided:
            totals = .decided(decided: words[0], settled: words[2])
            isSettled = words[2] >= words[0]
        case .reservation:
            let state = ReservationState(word: words[2])
            totals = .reservation(amount: words[0], state: state)
            isSettled = !state.isOpen
        }
    }
}
