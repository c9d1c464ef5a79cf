import TestSupport
import Testing

@testable import Ledger

@Suite struct ReservationTests {
    private static let number: UInt64 = 0xfed_cba9_8765_4321

    private func key(_ item: Int, _ number: UInt64 = number) -> ReservationKey {
        ReservationKey(number: number, item: item)
    }

    @Test(arguments: [
        ReservationState.open(end: 1), .open(end: .max), .expired, .released, .committed(cost: 0),
        .committed(cost: 999_999_999_999_999),
    ])
    func `a state is read back from its word`(state: ReservationState) {
        #expect(ReservationState(word: state.word) == state)
    }

    @Test func `an identity tells number and item, and chance is none`() {
        for item in 0..<ReservationKey.maxItems {
            #expect(ReservationKey(key(item).slotKey) == key(item))
        }
        let other = SlotKey(low: key(0).slotKey.low ^ 1, high: key(0).slotKey.high)
        #expect(ReservationKey(other) == nil)
    }

    @Test func `a reservation is found by its number until it is forgotten`() throws {
        let rig = try LedgerRig()
        let ledger = try rig.open()
        let slot = try ledger.makeRow(key(0))
        #expect(ledger.find(key(0)) == slot)
        #expect(ledger.find(key(1)) == nil)
        #expect(ledger.reservationCount == 1)
        ledger.forget(reservation: slot)
        #expect(ledger.find(key(0)) == nil)
        #expect(ledger.reservationCount == 0)
    }

    @Test func `what open reservations hold is added up anew when the ledger is opened`() throws {
        let rig = try LedgerRig()
        try rig.use { ledger in
            let lease = try ledger.lease("acme")
            lease.raiseGranted(to: 100)
            // A kill came before the second was written down in the lease.
            lease.addReserved(10)
            for number: UInt64 in [1, 2] {
                let row = try ledger.makeRow(key(0, number))
                ledger.reservation(row).setAmount(10)
                ledger.reservation(row).setState(.open(end: .max))
            }
        }
        let ledger = try rig.open()
        let lease = try ledger.lease("acme")
        #expect(lease.reserved == 20)
        #expect(lease.granted - lease.returned == 20)
    }

    @Test func `a settled reservation whose totals were not written is finished when the ledger is opened`() throws {
        let rig = try LedgerRig()
        try rig.use { ledger in
            let lease = try ledger.lease("acme")
            lease.raiseGranted(to: 100)
            lease.addSpent(30)
            try ledger.usage("acme", hour: 7).addConsumed(30)
            lease.addReserved(10)
            let row = try ledger.makeRow(key(0))
            ledger.reservation(row).setAmount(10)
            ledger.reservation(row).setTotals(spent: 38, consumed: 38)
            ledger.reservation(row).setState(.committed(cost: 8))
        }
        for _ in 0..<2 {
            // However often it is opened.
            try rig.use { ledger in
                let lease = try ledger.lease("acme")
                #expect(lease.spent == 38)
                #expect(lease.reserved == 0)
                #expect(try ledger.usage("acme", hour: 7).consumed == 38)
            }
        }
    }

    @Test func `a reservation that was not settled in its first row is open, whatever its other rows say`() throws {
        let rig = try LedgerRig()
        try rig.use { ledger in
            try ledger.lease("acme").raiseGranted(to: 100)
            for item in [0, 1] {
                let row = try ledger.makeRow(key(item), meter: "m\(item)")
                ledger.reservation(row).setAmount(10)
            }
            let second = try ledger.makeRow(key(1), meter: "m1")
            ledger.reservation(second).setTotals(spent: 50, consumed: 50)
            ledger.reservation(second).setState(.committed(cost: 50))
            let first = try ledger.makeRow(key(0), meter: "m0")
            ledger.reservation(first).setState(.open(end: .max))
        }
        let ledger = try rig.open()
        #expect(try ledger.reservation(ledger.makeRow(key(0), meter: "m0")).state == .open(end: .max))
    }

    @Test func `after another boot nothing is open any more`() throws {
        let rig = try LedgerRig()
        try rig.use(closes: true) { ledger in
            try ledger.lease("acme").raiseGranted(to: 100)
            try ledger.lease("acme").addReserved(10)
            let row = try ledger.makeRow(key(0))
            ledger.reservation(row).setAmount(10)
            ledger.reservation(row).setState(.open(end: .max))
        }
        let ledger = try rig.open(on: LedgerRig.rebooted)
        #expect(try ledger.reservation(ledger.makeRow(key(0))).state == .expired)
        #expect(try ledger.lease("acme").reserved == 0)
    }
}

extension LedgerFile {
    fileprivate func makeRow(_ key: ReservationKey, meter: String = "messages") throws -> SlotIndex {
        if let slot = find(key) { return slot }
        let place = SlotPlace.reservation(periodStart: 100, hour: 7)
        switch create(key, place, tenant: "acme".utf8Span.span, meter: meter.utf8Span.span) {
        case .created(let slot), .found(let slot): return slot
        case .full(let shortage): throw TestFailure("the ledger is out of \(shortage)")
        }
    }
}
