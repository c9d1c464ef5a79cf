import Control
import Foundation
import Ledger
import TestSupport
import Testing

@testable import tollgate

@Suite struct `The doctor's look at the ledger` {
    @Test func `a whole ledger is said with its holder, how full it is and its mark`() throws {
        let fixture = try LedgerFixture()
        let check = LedgerCheck.make(stateDirectory: fixture.directory.path)
        #expect(check.name == "ledger" && check.status == .ok)
        #expect(
            check.detail == """
                \(fixture.path): holder \(fixture.holder), 3 of 1024 slots used (0%), \
                open: whole after the death of its process, not after a power loss
                """)
    }

    @Test func `one that is not there yet is no fault`() throws {
        let directory = try TemporaryDirectory()
        let check = LedgerCheck.make(stateDirectory: directory.path)
        #expect(check == .init("ledger", .ok, "\(directory.file("ledger-0.tgl")): there is none yet"))
    }

    @Test func `what cannot be read, and what is damaged, is a fault`() throws {
        let fixture = try LedgerFixture()
        try fixture.damage()
        let damaged = LedgerCheck.make(stateDirectory: fixture.directory.path)
        #expect(damaged.status == .fault)
        #expect(damaged.detail.contains("1 damaged slots, the first of them slot 1 at byte \(fixture.damagedOffset): "))
        try fixture.directory.write("a diary", to: "ledger-0.tgl")
        let foreign = LedgerCheck.make(stateDirectory: fixture.directory.path)
        #expect(foreign.status == .fault)
        #expect(foreign.detail.hasPrefix("\(fixture.path) is not a tollgate ledger"))
    }

    @Test func `one that is almost full is a warning`() throws {
        let fixture = try LedgerFixture(slotCount: 100)
        let ledger = try fixture.open()
        for number in 0..<93 {
            let tenant = "tenant-\(number)"
            let made = ledger.create(
                .lease(periodStart: 1), tenant: tenant.utf8Span.span, meter: "messages".utf8Span.span,
                mayUseReserve: true)
            guard case .created = made else { throw TestFailure("\(made)") }
        }
        #expect(LedgerCheck.make(stateDirectory: fixture.directory.path).status == .ok)
        _ = ledger.create(
            .lease(periodStart: 1), tenant: "one".utf8Span.span, meter: "messages".utf8Span.span, mayUseReserve: true)
        let check = LedgerCheck.make(stateDirectory: fixture.directory.path)
        #expect(check.status == .warning)
        #expect(check.detail.contains("97 of 100 slots used (97%)") && check.detail.contains("raise ledger.slots"))
    }
}
