import Control
import Ledger

/// What `doctor` says of the ledger's file. It reads all of it, beside its owner.
enum LedgerCheck {
    private static let name = "ledger"
    /// A sweep keeps a sixteenth of the slots free. With less than half of that it cannot keep up.
    private static let leastFreeShare = 32

    static func make(stateDirectory: String) -> DoctorReport.Check {
        let path = StateDirectory.ledger(in: stateDirectory)
        let reader: LedgerReader
        do throws(LedgerError) {
            reader = try LedgerReader(path)
        } catch {
            guard error != .missing(path: path) else { return .init(name, .ok, "\(path): there is none yet") }
            return .init(name, .fault, error.description)
        }
        var (usedCount, damagedCount) = (0, 0)
        var firstDamage: DamagedSlot?
        reader.visit { _ in
            usedCount += 1
        } damage: { slot in
            damagedCount += 1
            firstDamage = firstDamage ?? slot
        }
        if let firstDamage {
            return .init(
                name, .fault,
                "\(path): \(damagedCount) damaged slots, the first of them slot \(firstDamage.slot) at byte "
                    + "\(firstDamage.offset): \(firstDamage.reason); the next start is refused: see "
                    + "`tollgate ledger show`")
        }
        let slotCount = reader.layout.slotCount
        let facts =
            "\(path): holder \(reader.holder), \(usedCount) of \(slotCount) slots used "
            + "(\(usedCount * 100 / slotCount)%), \(LedgerText.words(reader.mark))"
        guard (slotCount - usedCount) * leastFreeShare >= slotCount else {
            return .init(name, .warning, "\(facts); without a slot a tenant is decided by Redis: raise ledger.slots")
        }
        return .init(name, .ok, facts)
    }
}
