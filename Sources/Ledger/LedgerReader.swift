/// Reads a ledger file beside its owner, for people: no lock is taken and nothing is written. What it reads is a
/// picture of no single moment: each slot is whole, but they are copied one after the other.
///
/// It also reads a file that its owner refuses, as far as the header lets it: what cannot be true is counted and left
/// out.
public final class LedgerReader: Sequence {
    /// How often a slot that changes under the copying is tried again.
    private static let attempts = 1000
    /// How often a slot is looked at that cannot be true and does not change either. Its name may have been replaced
    /// just after the slot was let go, and then the next look finds it free or another.
    private static let looks = 16

    let map: LedgerMap
    /// Read anew when a slot of an incarnation is met that it does not name: another owner has opened the file.
    private var state: LedgerState

    /// Opens a ledger file for reading.
    public init(_ path: String) throws(LedgerError) {
        map = try LedgerMap(LedgerDisk.openForReading(path))
        state = try Self.readState(map)
    }

    /// The holder's name now: holder id, loop and incarnation.
    public var holder: String { "\(map.birth.holderID).\(map.birth.loop).\(state.incarnations[state.current])" }
    /// The ledger's id, which it keeps for ever: 32 hexadecimal digits.
    public var id: String {
        let digits = String(map.birth.id, radix: 16)
        return String(repeating: "0", count: 32 - digits.count) + digits
    }
    /// When it was made, in microseconds since 1970.
    public var createdAt: Int64 { map.birth.createdAt }
    /// How large it is.
    public var layout: LedgerLayout { map.layout }
    /// Whether it is in use, was synced, or was closed.
    public var mark: SyncMark { state.mark }

    /// Goes through all slots once, in the order of the file: those that are not free, and those that are neither free
    /// nor can be true though nobody changes them, of which a sound file has none.
    public func visit(entry: (LedgerEntry) -> Void, damage: (DamagedSlot) -> Void) {
        for number in 0..<map.layout.slotCount {
            switch read(number) {
            case .free: break
            case .entry(let found): entry(found)
            case .damaged(let reason):
                damage(DamagedSlot(slot: number, offset: map.layout.offset(ofSlot: number), reason: reason))
            }
        }
    }

    /// The slots that are neither free nor can be true. It reads all slots.
    public func damagedSlots() -> [DamagedSlot] {
        var slots: [DamagedSlot] = []
        visit(entry: { _ in }, damage: { slots.append($0) })
        return slots
    }

    /// Goes through the slots that are not free, in the order of the file.
    public func makeIterator() -> AnyIterator<LedgerEntry> {
        var number = 0
        return AnyIterator { [self] in
            while number < map.layout.slotCount {
                defer { number += 1 }
                if case .entry(let entry) = read(number) { return entry }
            }
            return nil
        }
    }

    private enum Reading {
        case free
        case entry(LedgerEntry)
        case damaged(String)
    }

    private func read(_ number: Int) -> Reading {
        var reason = "it changed whenever it was looked at"
        var last: SlotImage?
        var looks = 0
        for _ in 0..<Self.attempts where looks < Self.looks {
            guard let image = SlotImage(racing: map.slot(number).words) else { continue }
            if image.descriptor == .free { return .free }
            if let entry = LedgerEntry(image, number: number, in: map, state) { return .entry(entry) }
            try? refreshState(for: image.descriptor)
            // A name is written before the slot that uses it, and a slot is let go before its names: so this is a slot
            // that was let go and made anew just now, or damage.
            reason = map.fault(of: image) ?? reason
            looks = image == last ? looks + 1 : 0
            last = image
        }
        return .damaged(reason)
    }

    private func refreshState(for descriptor: SlotDescriptor) throws(LedgerError) {
        if !state.hasIncarnation(at: descriptor.incarnation) { state = try Self.readState(map) }
    }

    private static func readState(_ map: LedgerMap) throws(LedgerError) -> LedgerState {
        // The owner changes it when it opens and when it closes; both take longer than to look again.
        for _ in 0..<attempts {
            do throws(LedgerError) { return try map.readState() } catch {}
        }
        return try map.readState()
    }
}
