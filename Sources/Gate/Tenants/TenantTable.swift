/// The tenants this gate has met, found by the bytes of a request without making a String.
///
/// Open addressing with linear probing and a power-of-two size; the hash is seeded, since ids come from clients. When
/// it is full, all tenants that no call waits for are forgotten at once: each then costs one read of its record.
final class TenantTable {
    /// How many tenants are held at most.
    private let capacity: Int
    /// How many are there when idle ones are looked for again.
    private var nextForgetting: Int

    private var slots: [TenantEntry?]
    private(set) var count = 0
    private let seed = UInt64.random(in: .min ... .max)

    /// - Parameter capacity: how many tenants are held at most, but for those that are busy.
    init(capacity: Int = 1 << 18) {
        self.capacity = capacity
        nextForgetting = capacity
        slots = Array(repeating: nil, count: 1024)
    }

    /// The entry of a tenant, made on first sight.
    func entry(for id: Span<UInt8>) -> TenantEntry {
        let hash = hash(id)
        var index = Int(truncatingIfNeeded: hash) & (slots.count - 1)
        while let entry = slots[index] {
            if entry.hash == hash, entry.hasID(id) { return entry }
            index = (index + 1) & (slots.count - 1)
        }
        if count >= nextForgetting { forgetIdle() }
        if count * 4 >= slots.count * 3 { resize(to: slots.count * 2) }
        let entry = TenantEntry(id: Array(copying: id), hash: hash)
        insert(entry)
        return entry
    }

    /// The entry of a tenant if it was met.
    func known(_ id: Span<UInt8>) -> TenantEntry? {
        let hash = hash(id)
        var index = Int(truncatingIfNeeded: hash) & (slots.count - 1)
        while let entry = slots[index] {
            if entry.hash == hash, entry.hasID(id) { return entry }
            index = (index + 1) & (slots.count - 1)
        }
        return nil
    }

    private func insert(_ entry: TenantEntry) {
        var index = Int(truncatingIfNeeded: entry.hash) & (slots.count - 1)
        while slots[index] != nil { index = (index + 1) & (slots.count - 1) }
        slots[index] = entry
        count += 1
    }

    private func resize(to size: Int) {
        let old = slots
        slots = Array(repeating: nil, count: size)
        count = 0
        for case .some(let entry) in old { insert(entry) }
    }

    private func forgetIdle() {
        let busy = slots.compactMap { $0 }.filter { !$0.isIdle }
        // An entry and its leases hold each other.
        for case .some(let entry) in slots where entry.isIdle { entry.leases = [] }
        slots = Array(repeating: nil, count: max(1024, slots.count))
        count = 0
        for entry in busy { insert(entry) }
        nextForgetting = max(capacity, count + count / 4)
    }

    private func hash(_ bytes: Span<UInt8>) -> UInt64 {
        var hash = seed
        for index in bytes.indices {
            hash = (hash ^ UInt64(bytes[index])) &* 0x9e37_79b9_7f4a_7c15
            hash ^= hash >> 29
        }
        return hash ^ (hash >> 32)
    }
}

extension Array where Element == UInt8 {
    /// A copy of bytes in a client's request.
    init(copying span: Span<UInt8>) {
        self.init(capacity: span.count) { output in
            for index in span.indices { output.append(span[index]) }
        }
    }
}
