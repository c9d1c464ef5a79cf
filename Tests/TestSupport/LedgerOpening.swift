import Glibc
public import Ledger

/// Opens a ledger that this test holds nowhere else.
///
/// A process that another test is just starting has a copy of every descriptor, and so of the lock of a ledger that was
/// let go meanwhile, until its program runs: so a lock that is held is asked for again for a while.
public func openLedger(_ options: LedgerOptions, on host: HostIdentity) throws(LedgerError) -> LedgerFile {
    let deadline = ContinuousClock.now + .seconds(10)
    while true {
        do throws(LedgerError) {
            return try LedgerFile.open(options, host: host)
        } catch {
            guard error == .inUse(path: options.path), ContinuousClock.now < deadline else { throw error }
            sched_yield()
        }
    }
}
