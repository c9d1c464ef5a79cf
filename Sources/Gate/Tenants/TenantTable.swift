internal import Glibc

/// The tenants this gate has met, found by the bytes of a request without making a String.
///
/// Open addressing with linear probing and a power-of-two size; the hash is seeded, since ids come from clients. When
/// it is full, all tenants that no call waits for are forgotten at once: each then costs one read of its record.
///
/// The buckets are raw memory, which owns its entries: to look one up costs no reference counting.
final class TenantTable {
    private struct Bucket {
        var hash: UInt64
        var entry: Unmanaged<TenantEntry>?
    }

    /// How many tenants are held at most.
    private let capacity: Int
    /// How many are there when idle ones are looked for again.
    private var nextForgetting: Int
    private var buckets: UnsafeMutablePointer<Bucket>
    private var mask: Int
    private(set) var count = 0
    private let hasher = TenantHasher()

    /// - Parameter capacity: how many tenants are held at most, but for those that are busy.
    init(capacity: Int = 1 << 18) {
        self.capacity = capacity
        nextForgetting = capacity
        mask = 1023
        buckets = Self.makeBuckets(1024)
    }

    deinit {
        for index in 0...mask { buckets[index].entry?.release() }
        buckets.deallocate()
    }

    private static func makeBuckets(_ count: Int) -> UnsafeMutablePointer<Bucket> {
        let buckets = UnsafeMutablePointer<Bucket>.allocate(capacity: count)
        buckets.initialize(repeating: Bucket(hash: 0, entry: nil), count: count)
        return buckets
    }

    /// The entry of a tenant, made on first sight.
    func entry(for id: Span<UInt8>) -> TenantEntry {
        id.withUnsafeBytes { bytes in
            let hash = hasher.hash(bytes)
            if let entry = find(hash, bytes) { return entry.takeUnretainedValue() }
            if count >= nextForgetting { forgetIdle() }
            if count * 4 >= (mask + 1) * 3 { resize(to: (mask + 1) * 2) }
            let entry = TenantEntry(id: Array(bytes), hash: hash)
            insert(Unmanaged.passRetained(entry), hash)
            return entry
        }
    }

    /// The entry of a tenant if it was met.
    func known(_ id: Span<UInt8>) -> TenantEntry? {
        id.withUnsafeBytes { find($0)?.takeUnretainedValue() }
    }

    /// The same without a reference counted: valid until the table is next told of another tenant.
    func find(_ id: UnsafeRawBufferPointer) -> Unmanaged<TenantEntry>? { find(hasher.hash(id), id) }

    private func find(_ hash: UInt64, _ id: UnsafeRawBufferPointer) -> Unmanaged<TenantEntry>? {
        var index = Int(truncatingIfNeeded: hash) & mask
        while let entry = buckets[index].entry {
            if buckets[index].hash == hash, entry._withUnsafeGuaranteedRef({ $0.hasID(id) }) { return entry }
            index = (index + 1) & mask
        }
        return nil
    }

    var placeCount: Int { mask + 1 }

    /// Who is at a place now; it is another's once the table has grown.
    func entry(atPlace place: Int) -> TenantEntry? {
        place <= mask ? buckets[place].entry?.takeUnretainedValue() : nil
    }

    private func insert(_ entry: Unmanaged<TenantEntry>, _ hash: UInt64) {
        var index = Int(truncatingIfNeeded: hash) & mask
        while buckets[index].entry != nil { index = (index + 1) & mask }
        buckets[index] = Bucket(hash: hash, entry: entry)
        count += 1
    }

    private func resize(to size: Int) { rebuild(size) { _ in true } }

    private func forgetIdle() {
        rebuild(mask + 1) { !$0.isIdle }
        nextForgetting = max(capacity, count + count / 4)
    }

    /// Moves the entries to new buckets, but for those that are let go.
    private func rebuild(_ size: Int, keeping isKept: (TenantEntry) -> Bool) {
        let (old, oldMask) = (buckets, mask)
        buckets = Self.makeBuckets(size)
        mask = size - 1
        count = 0
        for index in 0...oldMask {
            guard let entry = old[index].entry else { continue }
            if entry._withUnsafeGuaranteedRef({ isKept($0) }) {
                insert(entry, old[index].hash)
            } else {
                // An entry and its leases hold each other.
                entry._withUnsafeGuaranteedRef { $0.setLeases([]) }
                entry.release()
            }
        }
        old.deallocate()
    }
}
