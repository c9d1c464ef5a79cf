internal import DequeModule
internal import Ledger
internal import Metering
internal import Reactor

/// The reservations of this holder: the open ones, and the ended ones that are still remembered. What counts of them is
/// in the ledger, so a restart goes on with them. Lives on the gate's loop.
final class ReservationBook {
    /// A reservation that nobody settled in time, and that may still be committed.
    private struct Expired {
        let number: UInt64
        /// The hour that it keeps in the ledger; nil if it counts in none.
        let hour: Int64?
        let forgetAt: Int64
    }

    /// Reservations take at most this part of the ledger's slots, and settled ones a part of that.
    private static let shareOfSlots = 4
    private static let shareOfSettled = 4
    /// How long one that nobody settled in time may still be committed, in microseconds.
    static let memory: Int64 = 900_000_000

    /// The book of leases owns it.
    private unowned(unsafe) let book: LeaseBook
    private let ledger: LedgerFile
    private var open: [UInt64: Reservation] = [:]
    private var spare: [Reservation] = []
    private var wheel: ExpiryWheel
    private var timer: LoopTimer?
    /// Settled ones whose rows are kept, so that they are not settled twice: their numbers, the oldest first.
    private var settled = Deque<UInt64>()
    private var expired = Deque<Expired>()
    /// How many open or expired ones count in each hour: its rows must stay.
    private var hours: [(hour: Int64, count: Int)] = []
    /// Open ones whose leases are not in memory, by the rows of these.
    private var unattached: [SlotIndex: [Reservation]] = [:]
    private var nextNumber: UInt64
    private let mostRows: Int
    var ids: ReservationID

    init(book: LeaseBook) {
        self.book = book
        ledger = book.ledger
        let slotCount = ledger.statistics.slotCount
        mostRows = max(ReservationKey.maxItems, slotCount / Self.shareOfSlots)
        nextNumber = .random(in: 0..<ReservationKey.numberLimit)
        ids = ReservationID(holder: ledger.holder)
        wheel = ExpiryWheel(now: book.now)
        timer = book.server.loop.makeTimer { [unowned self] in endDue() }
        recover()
    }

    /// The first hour that some reservation may still count in; nil when there is none.
    var oldestHour: Int64? { hours.isEmpty ? nil : hours.reduce(.max) { min($0, $1.hour) } }

    /// A reservation's id as text.
    func text(_ number: UInt64) -> String { String(decoding: ids.write(number), as: UTF8.self) }

    // MARK: - Making one

    /// Begins a reservation that has room for so many rows. Nil when too many are open.
    func begin(rows: Int, hour: Int64, end: Int64) -> Reservation? {
        while ledger.reservationCount + rows > mostRows {
            guard forgetOldest() else { return nil }
        }
        let reservation = spare.popLast() ?? Reservation()
        repeat { nextNumber = (nextNumber + 1) % ReservationKey.numberLimit } while isTaken(nextNumber)
        reservation.begin(nextNumber, hour: hour, end: end)
        return reservation
    }

    private func isTaken(_ number: UInt64) -> Bool { ledger.find(ReservationKey(number: number, item: 0)) != nil }

    /// Makes the row of the next item. False when the ledger has no room.
    func addRow(_ reservation: Reservation, _ held: HeldLease, _ amount: Int64) -> Bool {
        let key = ReservationKey(number: reservation.number, item: reservation.items.count)
        let place = SlotPlace.reservation(
            periodStart: UInt32(clamping: held.key.period / 60), hour: UInt32(clamping: reservation.hour))
        let (tenant, meter) = (held.entry.id, held.meterName)
        for _ in 0..<2 {
            if case .created(let row) = ledger.create(key, place, tenant: tenant.span, meter: meter.span) {
                ledger.reservation(row).setAmount(amount)
                reservation.append(Reservation.Item(row: row, leaseRow: held.row, held: held, amount: amount))
                return true
            }
            guard forgetOldest() || book.makeRoom() else { break }
        }
        return false
    }

    /// Lets go of one that could not be made whole.
    func discard(_ reservation: Reservation) {
        for item in reservation.items { ledger.forget(reservation: item.row) }
        recycle(reservation)
    }

    /// From here on it holds its units.
    func commence(_ reservation: Reservation) {
        setState(of: reservation, .open(end: reservation.end))
        register(reservation)
    }

    /// The state in the row of its first meter is that of all.
    func setState(of reservation: Reservation, _ state: ReservationState) {
        ledger.reservation(reservation.items[0].row).setState(state)
    }

    private func register(_ reservation: Reservation) {
        open[reservation.number] = reservation
        pin(keptHour(of: reservation))
        wheel.insert(reservation, now: book.now)
        book.metrics.set(.reservations, open.count)
        if let timer, timer.deadline > wheel.nextTick { timer.arm(at: wheel.nextTick) }
    }

    // MARK: - Finding one

    /// The open reservation with this number. One whose end has come since the last tick is none any more.
    func find(_ number: UInt64) -> Reservation? {
        guard let reservation = open[number] else { return nil }
        if book.now < reservation.end { return reservation }
        wheel.remove(reservation)
        expire(reservation)
        return nil
    }

    /// What became of one that is not open, and the rows of its meters; nil when nobody remembers it.
    func ended(_ number: UInt64) -> (state: ReservationState, rows: [SlotIndex])? {
        var rows: [SlotIndex] = []
        while rows.count < ReservationKey.maxItems,
            let row = ledger.find(ReservationKey(number: number, item: rows.count))
        {
            rows.append(row)
        }
        return rows.first.map { (ledger.reservation($0).state, rows) }
    }

    // MARK: - Ending one

    func extend(_ reservation: Reservation, to end: Int64) {
        guard end > reservation.end else { return }
        setState(of: reservation, .open(end: end))
        wheel.move(reservation, to: end, now: book.now)
        for index in reservation.items.indices { reservation.items[index].held?.lease.extend(until: end) }
    }

    /// It holds nothing any more; its state in the ledger says so already.
    func close(_ reservation: Reservation) {
        wheel.remove(reservation)
        forget(reservation)
        settled.append(reservation.number)
        unpin(keptHour(of: reservation))
        recycle(reservation)
        if settled.count > mostRows / Self.shareOfSettled { forgetSettled() }
    }

    private func forget(_ reservation: Reservation) {
        open[reservation.number] = nil
        book.metrics.set(.reservations, open.count)
        guard !unattached.isEmpty else { return }
        for item in reservation.items { unattached[item.leaseRow]?.removeAll { $0 === reservation } }
    }

    private func recycle(_ reservation: Reservation) {
        reservation.clear()
        if spare.count < 1024 { spare.append(reservation) }
    }

    private func endDue() {
        while let reservation = wheel.popEnded(now: book.now) { expire(reservation) }
        while let first = expired.first, first.forgetAt <= book.now { forgetExpired() }
        if !open.isEmpty || !expired.isEmpty { timer?.arm(at: open.isEmpty ? nextForgetting : wheel.nextTick) }
    }

    private func expire(_ reservation: Reservation) {
        forget(reservation)
        setState(of: reservation, .expired)
        // Its hour stays kept.
        append(expired: reservation.number, keptHour(of: reservation))
        book.metrics.add(.reservationsExpired)
        book.letGo(of: reservation)
        recycle(reservation)
    }

    private var nextForgetting: Int64 { max(book.now + ExpiryWheel.tick, expired.first?.forgetAt ?? 0) }

    // MARK: - Forgetting

    /// Makes room: the oldest settled one goes, or else the oldest that nobody settled.
    private func forgetOldest() -> Bool {
        if !settled.isEmpty {
            forgetSettled()
        } else if !expired.isEmpty {
            forgetExpired()
        } else {
            return false
        }
        return true
    }

    private func forgetSettled() {
        if let number = settled.popFirst() { letGo(number) }
    }

    private func forgetExpired() {
        guard let first = expired.popFirst() else { return }
        letGo(first.number)
        unpin(first.hour)
    }

    private func letGo(_ number: UInt64) {
        var left = 0
        while left < ReservationKey.maxItems, ledger.find(ReservationKey(number: number, item: left)) != nil {
            left += 1
        }
        // The first last: its state is that of all.
        while left > 0 {
            left -= 1
            if let row = ledger.find(ReservationKey(number: number, item: left)) { ledger.forget(reservation: row) }
        }
        book.isLedgerDirty = true
    }

    /// The hour whose rows a reservation may still count in: none, if all it holds is in flight.
    private func keptHour(of reservation: Reservation) -> Int64? {
        for index in reservation.items.indices where counts(reservation.items[index].row) { return reservation.hour }
        return nil
    }

    /// Whether what a row holds is used up in the end. What is in flight has the period that begins with time.
    private func counts(_ row: SlotIndex) -> Bool { (ledger.place(of: row)?.periodStart ?? 0) > 0 }

    private func pin(_ hour: Int64?) {
        guard let hour else { return }
        // By index, since closures and iterators are allocated where nothing is optimised.
        for index in hours.indices where hours[index].hour == hour {
            hours[index].count += 1
            return
        }
        hours.append((hour, 1))
    }

    private func unpin(_ hour: Int64?) {
        guard let hour else { return }
        for index in hours.indices where hours[index].hour == hour {
            hours[index].count -= 1
            if hours[index].count == 0 { hours.remove(at: index) }
            return
        }
    }

    // MARK: - After a restart

    /// A lease has come into memory: reservations that were made before find theirs.
    func attach(_ held: HeldLease) {
        guard !unattached.isEmpty, let reservations = unattached.removeValue(forKey: held.row) else { return }
        for reservation in reservations {
            for index in reservation.items.indices where reservation.items[index].leaseRow == held.row {
                reservation.attach(held, toItem: index)
                held.lease.resume(reservedUntil: reservation.end)
            }
        }
    }

    /// How long reservations hold units of a lease that is not in memory, in microseconds from now.
    func heldFor(_ leaseRow: SlotIndex) -> Int64 {
        max(0, (unattached[leaseRow] ?? []).reduce(0) { max($0, $1.end) } - book.now)
    }

    private func recover() {
        guard ledger.reservationCount > 0 else { return }
        var slot: SlotIndex?
        while let next = ledger.slot(after: slot) {
            slot = next
            guard let key = ledger.reservationKey(of: next), key.item == 0,
                ledger.place(of: next)?.kind == .reservation,
                let (state, rows) = ended(key.number), let place = ledger.place(of: next)
            else { continue }
            let hour = Int64(place.hour)
            switch state {
            case .open(let end): reopen(key.number, rows, hour: hour, end: end)
            case .expired: remember(key.number, expiredIn: rows.contains(where: counts) ? hour : nil)
            case .released, .committed: settled.append(key.number)
            }
        }
        if let timer, !expired.isEmpty, !timer.isArmed { timer.arm(at: book.now + ExpiryWheel.tick) }
    }

    private func remember(_ number: UInt64, expiredIn hour: Int64?) {
        pin(hour)
        append(expired: number, hour)
    }

    private func append(expired number: UInt64, _ hour: Int64?) {
        expired.append(Expired(number: number, hour: hour, forgetAt: book.now + Self.memory))
    }

    private func reopen(_ number: UInt64, _ rows: [SlotIndex], hour: Int64, end: Int64) {
        let leaseRows = rows.compactMap { leaseRow(of: $0) }
        guard leaseRows.count == rows.count else {
            // Whoever took a lease's row away has given back what it held.
            ledger.reservation(rows[0]).setState(.expired)
            return remember(number, expiredIn: hour)
        }
        let reservation = Reservation()
        reservation.begin(number, hour: hour, end: end)
        for (row, leaseRow) in zip(rows, leaseRows) {
            reservation.append(
                Reservation.Item(row: row, leaseRow: leaseRow, held: nil, amount: ledger.reservation(row).amount))
            unattached[leaseRow, default: []].append(reservation)
        }
        register(reservation)
    }

    private func leaseRow(of row: SlotIndex) -> SlotIndex? {
        guard let place = ledger.place(of: row) else { return nil }
        let lease = SlotPlace.lease(periodStart: place.periodStart)
        return ledger.withNames(of: row) { tenant, meter in
            ledger.find(ledger.tenantHash(tenant).pair(ledger.meterHash(meter)).key(lease))
        }
    }
}
