internal import Reactor

extension LedgerFile {
    /// The same ledger in a file of the size that the options ask for, its names without gaps, which takes the old
    /// one's place once it is on the disk. A kill before that leaves the old one.
    ///
    /// - Parameter isWhole: whether the incarnation may go on. If not, the new file must say so until that has been
    ///   seen to.
    func resized(isWhole: Bool) throws(LedgerError) -> LedgerFile {
        let file = try LedgerDisk.draft(options.path, options.layout)
        do throws(LedgerError) {
            HeaderPage(file.base).create(map.birth.resized(to: options.layout), state)
            let ledger = LedgerFile(try LedgerMap(file), state, options)
            for number in 0..<options.layout.slotCount { ledger.freeSlots.give(number) }
            try copySlots(to: ledger)
            // Until here the new file holds the inode of the old one, and would pass for a copy.
            let inode = try LedgerError.system { () throws(SystemError) in try file.inode() }
            try ledger.write { state in
                state.inode = inode
                guard !isWhole else { return }
                state.mark = .open
                state.host = .unknown
            }
            try LedgerDisk.install(file, at: options.path)
            return ledger
        } catch {
            LedgerDisk.discardDraft(options.path)
            throw error
        }
    }

    private func copySlots(to ledger: LedgerFile) throws(LedgerError) {
        for number in 0..<map.layout.slotCount where map.slot(number).descriptor != .free {
            let image = SlotImage(map.slot(number))
            guard let tenant = map.tenantNames.bytes(image.descriptor.tenantID),
                let meter = map.meterNames.bytes(image.descriptor.meterID),
                ledger.adopt(image, tenant: tenant.span, meter: meter.span)
            else {
                throw .doesNotFit(
                    path: options.path, usedSlots: map.layout.slotCount - freeSlots.count,
                    slotCount: options.layout.slotCount)
            }
        }
    }
}
