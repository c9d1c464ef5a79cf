extension LedgerFile {
    /// Looks at the next few slots and lets go what is no longer needed: hours that Redis has all of, that are closed
    /// and whose retention has passed, and leases that were settled. It goes round for ever; call it a little at a
    /// time.
    ///
    /// When slots are short, the oldest settled hours go before their retention has passed. A slot of the current hour
    /// never goes, nor one that Redis does not have.
    ///
    /// - Parameters:
    ///   - currentHour: the first hour that may still get usage, in hours since 1970.
    ///   - limit: how many slots to look at. Each costs some nanoseconds.
    ///   - onLetGo: called with each slot just before it goes, for who has to say so.
    /// - Returns: how many slots became free.
    @discardableResult
    public func sweep(
        currentHour: UInt32, limit: Int, onLetGo: (SlotIndex) -> Void = { _ in }
    ) -> Int {
        checkOpen()
        var freed = 0
        for _ in 0..<limit {
            if sweepState.position == 0 {
                sweepState.begin(currentHour: currentHour)
                (oldestKeptHour, oldestCreatedHour) = (nil, nil)
            }
            if isDone(sweepState.position, currentHour) {
                onLetGo(SlotIndex(sweepState.position))
                letGo(sweepState.position)
                freed += 1
            } else {
                noteKept(sweepState.position)
            }
            sweepState.position += 1
            if sweepState.position == map.layout.slotCount { endPass() }
        }
        return freed
    }

    /// Makes room at once, for when `create` has said that there is none: what a sweep would free in its next two
    /// passes, and room for names. It reads every slot twice, which takes milliseconds for each hundred thousand of
    /// them, and may wait for the disk where names are short: prefer frequent sweeps, so that it is never needed.
    ///
    /// Having found nothing, it does not look again until the hour changes or a sweep has found something.
    ///
    /// - Returns: how many slots became free.
    @discardableResult
    public func reclaim(
        currentHour: UInt32, onLetGo: (SlotIndex) -> Void = { _ in }
    ) throws(LedgerError) -> Int {
        checkOpen()
        guard futileHour != currentHour else { return 0 }
        sweepState.position = 0
        var freed = sweep(currentHour: currentHour, limit: map.layout.slotCount, onLetGo: onLetGo)
        if shortage > 0, sweepState.settledCount > 0 {
            freed += sweep(currentHour: currentHour, limit: map.layout.slotCount, onLetGo: onLetGo)
        }
        let hasCollected = try collectNames()
        futileHour = freed == 0 && !hasCollected ? currentHour : nil
        return freed
    }

    /// How many slots are missing to the sixteenth of all that a sweep keeps free.
    private var shortage: Int {
        options.reservedSlotCount + max(1, map.layout.slotCount / 16) - freeSlots.count
    }

    private func endPass() {
        sweepState.end(shortage: shortage)
        sweepState.position = 0
        if sweepState.settledCount > 0 { futileHour = nil }
        // Every slot that is there was seen by this pass or made during it.
        oldestHour = [oldestKeptHour, oldestCreatedHour].compactMap { $0 }.min()
    }

    private func noteKept(_ number: Int) {
        let slot = map.slot(number)
        guard let kind = slot.descriptor.kind, kind.isHourly else { return }
        oldestKeptHour = min(oldestKeptHour ?? slot.hour, slot.hour)
    }

    private func isDone(_ number: Int, _ currentHour: UInt32) -> Bool {
        let slot = map.slot(number)
        switch slot.descriptor.kind {
        case .lease: return LeaseSlot(slot).isRecyclable
        case .usage, .decided:
            guard slot.hour < currentHour, slot.isSettledHour else { return false }
            return sweepState.takes(
                hour: slot.hour, currentHour: currentHour, retentionHours: options.retentionHours)
        // The owner lets it go.
        case .reservation, nil: return false
        }
    }

    /// Makes room for names where there is little and some are not used. True if it did.
    private func collectNames() throws(LedgerError) -> Bool {
        guard tenants.isWorthCollecting || meters.isWorthCollecting else { return false }
        try sync()
        tenants.collect()
        meters.collect()
        return true
    }
}
