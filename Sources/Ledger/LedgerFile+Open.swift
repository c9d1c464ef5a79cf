internal import Reactor

extension LedgerFile {
    /// Opens the ledger, or makes it, and takes it over: all its leases have ended, and it has a new incarnation if
    /// something that was told to Redis may be missing in it.
    ///
    /// It reads the whole file and refuses one in which anything is not as a tollgate leaves it.
    ///
    /// - Parameters:
    ///   - options: where, for whom, how large.
    ///   - host: the machine and its boot.
    public static func open(
        _ options: LedgerOptions, host: HostIdentity = .current()
    ) throws(LedgerError) -> LedgerFile {
        let map = try openMap(options, host)
        let found = "\(map.birth.holderID).\(map.birth.loop)"
        let expected = "\(options.holderID).\(options.loop)"
        guard found == expected else {
            throw .otherHolder(path: options.path, found: found, expected: expected)
        }
        let state = try map.readState()
        let inode = try LedgerError.system { () throws(SystemError) in try map.file.inode() }
        let isWhole = state.isWhole(on: host, inode: inode)
        var ledger = LedgerFile(map, state, options)
        try ledger.load()
        let isOutdated = map.layout != options.layout || ledger.tenants.isFragmented || ledger.meters.isFragmented
        if isOutdated, !options.isPrivate {
            ledger = try ledger.resized(isWhole: isWhole)
        }
        ledger.redoReservations(isWhole: isWhole, isSameBoot: state.host.isSameBoot(as: host))
        ledger.endLeases()
        if !isWhole { try ledger.prepareIncarnation() }
        try ledger.indexSlots()
        try ledger.takeOver(host)
        return ledger
    }

    private static func openMap(_ options: LedgerOptions, _ host: HostIdentity) throws(LedgerError) -> LedgerMap {
        for _ in 0..<8 {
            if let file = try LedgerDisk.openExisting(options.path, isPrivate: options.isPrivate) {
                return try LedgerMap(file)
            }
            let birth = LedgerBirth(
                layout: options.layout, id: .random(in: .min ... .max), seed: .random(), createdAt: WallClock.now(),
                holderID: options.holderID, loop: options.loop)
            let file = try LedgerDisk.create(options.path, birth, host: host)
            // What a new file is made of has to get to it; a private mapping of it is for the next round to make.
            if let file, !options.isPrivate { return try LedgerMap(file) }
        }
        throw .inUse(path: options.path)
    }

    /// Reads names and slots, and checks them.
    private func load() throws(LedgerError) {
        if let unit = meters.load() { throw damagedNames(map.layout.meterNamesOffset, unit) }
        if let unit = tenants.load() { throw damagedNames(map.layout.tenantNamesOffset, unit) }
        for number in 0..<map.layout.slotCount {
            let slot = map.slot(number)
            if slot.descriptor == .free {
                freeSlots.give(number)
                continue
            }
            let image = SlotImage(slot)
            if let reason = map.fault(of: image) { throw damagedSlot(number, reason) }
            let descriptor = image.descriptor
            guard tenants.isWithinRecords(descriptor.tenantID), meters.isWithinRecords(descriptor.meterID) else {
                throw damagedSlot(number, "a name in front of its own is not in the file")
            }
            guard state.hasIncarnation(at: descriptor.incarnation), let kind = descriptor.kind else {
                throw damagedSlot(number, "it belongs to an incarnation that the header does not name")
            }
            tenants.retain(descriptor.tenantID)
            meters.retain(descriptor.meterID)
            note(descriptor, kind, by: 1)
        }
    }

    /// Ends every lease at once: the owner that could have ended it in time is gone, so none of it may be spent.
    private func endLeases() {
        for number in 0..<map.layout.slotCount where map.slot(number).descriptor.kind == .lease {
            LeaseSlot(map.slot(number)).returnUnspent()
        }
    }

    /// Chooses a place for a new name. All slots that are there stay with the names they have.
    private func prepareIncarnation() throws(LedgerError) {
        if unusedPlace() == nil { letGoSettledFormer() }
        guard let place = unusedPlace() else { throw .tooManyIncarnations(path: options.path) }
        state.startIncarnation(at: place)
    }

    private func unusedPlace() -> Int? { incarnationSlots.firstIndex(of: 0) }

    /// Gives up the retention of rows that Redis has, to have a name free for those that it will not have.
    private func letGoSettledFormer() {
        for number in 0..<map.layout.slotCount {
            let slot = map.slot(number)
            switch slot.descriptor.kind {
            case .lease: if LeaseSlot(slot).isRecyclable { letGo(number) }
            case .usage, .decided: if slot.isSettledHour { letGo(number) }
            case .reservation, nil: break
            }
        }
    }

    /// Makes the slots of the current incarnation findable, and notes the oldest hour of any.
    private func indexSlots() throws(LedgerError) {
        for number in 0..<map.layout.slotCount {
            let slot = map.slot(number)
            guard let kind = slot.descriptor.kind else { continue }
            if kind.isHourly { oldestHour = min(oldestHour ?? slot.hour, slot.hour) }
            guard slot.descriptor.incarnation == state.current else { continue }
            let key = SlotKey(low: slot.words[0], high: slot.words[1])
            if let other = find(key) { throw damagedSlot(number, "it is about the same as slot \(other.number)") }
            index.insert(UInt32(number) + 1, low: key.low, high: key.high)
        }
    }

    private func takeOver(_ host: HostIdentity) throws(LedgerError) {
        let inode = try LedgerError.system { () throws(SystemError) in try map.file.inode() }
        for place in incarnationSlots.indices where incarnationSlots[place] == 0 && place != state.current {
            state.forgetIncarnation(at: place)
        }
        try write { state in
            state.mark = options.durability == .power ? .synced : .open
            state.host = host
            state.inode = inode
        }
        tenants.collect()
        meters.collect()
    }

    private func damagedNames(_ regionOffset: Int, _ unit: Int) -> LedgerError {
        .damagedNames(path: options.path, offset: regionOffset + unit * NameRegion.unitBytes)
    }

    private func damagedSlot(_ number: Int, _ reason: String) -> LedgerError {
        .damagedSlot(path: options.path, slot: number, offset: map.layout.offset(ofSlot: number), reason: reason)
    }
}

extension LedgerState {
    /// Whether the file has all that its owner may have told Redis: nothing but a process died since, or it was synced,
    /// and it is no copy.
    func isWhole(on host: HostIdentity, inode: UInt64) -> Bool {
        guard self.inode == inode, self.host.machine == host.machine else { return false }
        return self.host.isSameBoot(as: host) || mark != .open
    }
}
