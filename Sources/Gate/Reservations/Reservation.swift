internal import Ledger

/// An open reservation of this holder. Lives on the gate's loop, which uses the object for another one once it is over.
final class Reservation {
    /// What it holds of one meter.
    struct Item {
        /// Its row in the ledger, and the row of its lease.
        let row: SlotIndex
        let leaseRow: SlotIndex
        /// The lease; nil after a restart, until somebody needs it.
        var held: HeldLease?
        let amount: Int64
    }

    fileprivate(set) var number: UInt64 = 0
    private(set) var items: [Item] = []
    /// The hour that its cost is counted in, since 1970.
    private(set) var hour: Int64 = 0
    /// When it ends unless it is renewed, on the boot clock.
    fileprivate(set) var end: Int64 = 0

    /// Its neighbours in the wheel of ends; the book's table keeps them alive.
    fileprivate unowned(unsafe) var before: Reservation?
    fileprivate unowned(unsafe) var after: Reservation?

    /// Makes it another reservation, without items.
    func begin(_ number: UInt64, hour: Int64, end: Int64) {
        self.number = number
        self.hour = hour
        self.end = end
        items.removeAll(keepingCapacity: true)
    }

    func append(_ item: Item) { items.append(item) }

    func attach(_ held: HeldLease, toItem index: Int) { items[index].held = held }

    /// Lets go of its leases.
    func clear() { items.removeAll(keepingCapacity: true) }

    /// Whether all its leases are in memory.
    var isAttached: Bool {
        for index in items.indices where items[index].held == nil { return false }
        return true
    }
}

/// When open reservations end: a ring of buckets, each a list of those that end within one tick of it. To put one in,
/// move it and take it out costs the same however many there are, and allocates nothing.
struct ExpiryWheel: ~Copyable {
    /// What a bucket spans. A reservation ends that much later than it says at most.
    static let tick: Int64 = 100_000
    /// The ring spans 27 minutes; a reservation runs 15 at most.
    private static let bucketCount = 1 << 14

    private let buckets: UnsafeMutablePointer<Unmanaged<Reservation>?>
    /// The last tick whose bucket was emptied.
    private var doneTick: Int64
    private(set) var count = 0

    init(now: Int64) {
        buckets = .allocate(capacity: Self.bucketCount)
        buckets.initialize(repeating: nil, count: Self.bucketCount)
        doneTick = now / Self.tick
    }

    deinit { buckets.deallocate() }

    /// When the next bucket is due.
    var nextTick: Int64 { (doneTick + 1) * Self.tick }

    private func bucket(_ end: Int64) -> Int { Int(max(end / Self.tick + 1, doneTick + 1)) & (Self.bucketCount - 1) }

    /// `now` keeps the ring from being gone round in vain after a time without reservations.
    mutating func insert(_ reservation: Reservation, now: Int64) {
        if count == 0 { doneTick = max(doneTick, now / Self.tick) }
        let bucket = bucket(reservation.end)
        let first = buckets[bucket]?.takeUnretainedValue()
        reservation.before = nil
        reservation.after = first
        first?.before = reservation
        buckets[bucket] = .passUnretained(reservation)
        count += 1
    }

    mutating func remove(_ reservation: Reservation) {
        reservation.after?.before = reservation.before
        if let before = reservation.before {
            before.after = reservation.after
        } else {
            buckets[bucket(reservation.end)] = reservation.after.map { .passUnretained($0) }
        }
        count -= 1
    }

    mutating func move(_ reservation: Reservation, to end: Int64, now: Int64) {
        remove(reservation)
        reservation.end = end
        insert(reservation, now: now)
    }

    /// Takes out one that has ended by now; nil once there is none.
    mutating func popEnded(now: Int64) -> Reservation? {
        while doneTick < now / Self.tick, count > 0 {
            let bucket = Int(doneTick + 1) & (Self.bucketCount - 1)
            if let first = buckets[bucket]?.takeUnretainedValue() {
                buckets[bucket] = first.after.map { .passUnretained($0) }
                first.after?.before = nil
                count -= 1
                if first.end <= now { return first }
                // The ring was gone round meanwhile, as after a long sleep of the host.
                insert(first, now: now)
                if self.bucket(first.end) == bucket { doneTick += 1 }
                continue
            }
            doneTick += 1
        }
        return nil
    }
}
