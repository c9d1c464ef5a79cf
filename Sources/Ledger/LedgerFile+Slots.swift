extension LedgerFile {
    /// The next slot that is not free, of any kind and incarnation; nil after the last. Begins with `nil`.
    public func slot(after slot: SlotIndex?) -> SlotIndex? {
        var number = slot.map { Int($0.number) + 1 } ?? 0
        while number < map.layout.slotCount {
            if let slot = self.slot(at: number) { return slot }
            number += 1
        }
        return nil
    }

    /// The slot in this place; nil for a free one.
    ///
    /// - Parameter position: 0 ..< `statistics.slotCount`.
    public func slot(at position: Int) -> SlotIndex? {
        map.slot(position).descriptor == .free ? nil : SlotIndex(position)
    }

    /// What a slot is about; nil for a free one.
    public func place(of slot: SlotIndex) -> SlotPlace? {
        let pointer = map.slot(Int(slot.number))
        guard pointer.descriptor.kind != nil else { return nil }
        return SlotImage(pointer).place
    }

    /// Whether a slot belongs to the current incarnation. One of a former is not found by its key.
    public func isCurrent(_ slot: SlotIndex) -> Bool {
        map.slot(Int(slot.number)).descriptor.incarnation == state.current
    }

    /// The name that a slot's totals go by on the wire.
    public func holder(of slot: SlotIndex) -> String {
        holder(at: map.slot(Int(slot.number)).descriptor.incarnation)
    }

    /// Calls `body` with the bytes of a slot's tenant and meter, where they lie in the file. The slot must not be free.
    public func withNames<Result, Failure: Error>(
        of slot: SlotIndex, _ body: (_ tenant: Span<UInt8>, _ meter: Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let descriptor = map.slot(Int(slot.number)).descriptor
        guard let tenant = map.tenantNames.bytes(descriptor.tenantID),
            let meter = map.meterNames.bytes(descriptor.meterID)
        else { preconditionFailure("slot \(slot.number) is free") }
        return try body(tenant.span, meter.span)
    }

    /// A slot with its names; nil for a free one.
    public func entry(at slot: SlotIndex) -> LedgerEntry? {
        let number = Int(slot.number)
        return LedgerEntry(SlotImage(map.slot(number)), number: number, in: map, state)
    }

    /// The names that slots of former incarnations go by.
    public var formerHolders: [String] {
        incarnationSlots.indices.filter { $0 != state.current && incarnationSlots[$0] > 0 }.map { holder(at: $0) }
    }
}
