extension LedgerFile {
    /// Makes a slot for the current incarnation, unless it is there. It allocates nothing.
    ///
    /// Under `durability: power` a tenant or meter that is new to the ledger costs a sync, so that no power loss can
    /// leave a slot whose name did not get to the disk.
    ///
    /// - Parameters:
    ///   - place: kind, period and hour.
    ///   - tenant: the tenant's id, 1 to 128 bytes.
    ///   - meter: the meter's name, 1 to 64 bytes.
    ///   - mayUseReserve: whether the last `reservedSlotCount` slots are for this call too.
    public func create(
        _ place: SlotPlace, tenant: Span<UInt8>, meter: Span<UInt8>, mayUseReserve: Bool = false
    ) -> SlotCreation {
        checkOpen()
        let key = tenantHash(tenant).pair(meterHash(meter)).key(place)
        if let slot = find(key) { return .found(slot) }
        return make(key, place, tenant: tenant, meter: meter, mayUseReserve: mayUseReserve)
    }

    /// Makes a slot that is not there.
    func make(
        _ key: SlotKey, _ place: SlotPlace, tenant: Span<UInt8>, meter: Span<UInt8>, mayUseReserve: Bool
    ) -> SlotCreation {
        guard freeSlots.count > (mayUseReserve ? 0 : options.reservedSlotCount) else { return .full(.slots) }
        guard let tenantName = tenants.acquire(tenant) else { return .full(.tenantNames) }
        guard let meterName = meters.acquire(meter) else {
            tenants.release(tenantName.id)
            return .full(.meterNames)
        }
        if options.durability == .power, tenantName.isNew || meterName.isNew, !isSynced() {
            tenants.release(tenantName.id)
            meters.release(meterName.id)
            return .full(.disk)
        }
        guard let number = freeSlots.take() else { preconditionFailure("a free slot was counted and is not there") }
        let descriptor = SlotDescriptor(
            place.kind, tenantID: tenantName.id, meterID: meterName.id, incarnation: state.current)
        map.slot(number).publish(key, place, descriptor)
        if place.kind.isHourly {
            oldestHour = min(oldestHour ?? place.hour, place.hour)
            oldestCreatedHour = min(oldestCreatedHour ?? place.hour, place.hour)
        }
        note(descriptor, place.kind, by: 1)
        index.insert(UInt32(number) + 1, low: key.low, high: key.high)
        return .created(SlotIndex(number))
    }

    /// Takes over a slot of another file, with its totals. False when it has no room here.
    func adopt(_ image: SlotImage, tenant: Span<UInt8>, meter: Span<UInt8>) -> Bool {
        guard let kind = image.descriptor.kind, freeSlots.count > 0, let tenantName = tenants.acquire(tenant),
            let meterName = meters.acquire(meter), let number = freeSlots.take()
        else { return false }
        let descriptor = image.descriptor.naming(tenantID: tenantName.id, meterID: meterName.id)
        map.slot(number).publish(image, descriptor)
        note(descriptor, kind, by: 1)
        return true
    }

    /// Frees a slot. What it held must be in Redis.
    func letGo(_ number: Int) {
        let slot = map.slot(number)
        let descriptor = slot.descriptor
        guard let kind = descriptor.kind else { preconditionFailure("slot \(number) is free") }
        let map = map
        // One of a former incarnation is not in the index, and nothing happens.
        index.remove(UInt32(number) + 1, low: slot.words[0]) { map.slot(Int($0) - 1).words[0] }
        slot.setDescriptor(.free)
        freeSlots.give(number)
        tenants.release(descriptor.tenantID)
        meters.release(descriptor.meterID)
        note(descriptor, kind, by: -1)
    }

    /// Counts a slot that came or went.
    func note(_ descriptor: SlotDescriptor, _ kind: SlotKind, by change: Int) {
        switch kind {
        case .lease: leaseCount += change
        case .usage: usageCount += change
        case .decided: decidedCount += change
        case .reservation: reservationCount += change
        }
        incarnationSlots[descriptor.incarnation] += change
    }

    private func isSynced() -> Bool {
        do throws(LedgerError) {
            try sync()
            return true
        } catch {
            return false
        }
    }
}
