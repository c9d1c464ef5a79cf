extension LedgerFile {
    /// Makes the row of one meter of a reservation. It allocates nothing.
    ///
    /// - Parameters:
    ///   - key: the reservation, and which of its meters.
    ///   - place: of ``SlotPlace/reservation(periodStart:hour:)``: where its cost is to be counted.
    ///   - tenant: the tenant's id, 1 to 128 bytes.
    ///   - meter: the meter's name, 1 to 64 bytes.
    public func create(
        _ key: ReservationKey, _ place: SlotPlace, tenant: Span<UInt8>, meter: Span<UInt8>
    ) -> SlotCreation {
        checkOpen()
        return make(key.slotKey, place, tenant: tenant, meter: meter, mayUseReserve: false)
    }

    /// The row of one meter of a reservation.
    public func find(_ key: ReservationKey) -> SlotIndex? { find(key.slotKey) }

    /// Which reservation a row is of.
    public func reservationKey(of slot: SlotIndex) -> ReservationKey? {
        ReservationKey(map.slot(Int(slot.number)).key)
    }

    /// Lets a row of a reservation go that holds nothing any more.
    public func forget(reservation slot: SlotIndex) {
        checkOpen()
        precondition(map.slot(Int(slot.number)).descriptor.kind == .reservation, "slot \(slot.number) is another's")
        letGo(Int(slot.number))
    }

    // MARK: - When the ledger is opened

    /// Finishes what a kill may have interrupted, and sets what each lease has reserved to what open reservations hold.
    ///
    /// - Parameters:
    ///   - isWhole: otherwise the incarnation that made them ends, and they go with it.
    ///   - isSameBoot: otherwise the clock tells nothing of their ends, so they end now.
    func redoReservations(isWhole: Bool, isSameBoot: Bool) {
        let slots = reservationSlots()
        let redo = ReservationRedo(slots.map { map.slot($0.number) }, in: map, keepsOpen: isWhole && isSameBoot)
        for number in 0..<map.layout.slotCount { redo.apply(to: map.slot(number)) }
        for (number, key) in slots {
            let slot = map.slot(number)
            if !isWhole || slot.descriptor.incarnation != state.current {
                letGo(number)
            } else if key.item == 0, !isSameBoot, ReservationSlot(slot).state.isOpen {
                ReservationSlot(slot).setState(.expired)
            }
        }
    }

    private func reservationSlots() -> [(number: Int, key: ReservationKey)] {
        guard reservationCount > 0 else { return [] }
        return (0..<map.layout.slotCount).compactMap { number in
            let slot = map.slot(number)
            guard slot.descriptor.kind == .reservation else { return nil }
            return ReservationKey(slot.key).map { (number, $0) }
        }
    }
}
