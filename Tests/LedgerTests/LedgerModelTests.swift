import Ledger
import TestSupport
import Testing

@Suite struct LedgerModelTests {
    /// What a slot is about, in full.
    private struct Name: Hashable {
        let tenant: String
        let meter: String
        let place: SlotPlace

        init(tenant: String, meter: String, place: SlotPlace) {
            self.tenant = tenant
            self.meter = meter
            self.place = place
        }

        init(_ entry: LedgerEntry) {
            self.init(tenant: entry.tenant, meter: entry.meter, place: entry.place)
        }
    }

    /// The ledger as a dictionary, and the ledger itself, through the same random life.
    private final class Twins {
        let rig: LedgerRig
        var random: SeededRandom
        private var opened: LedgerFile?
        var model: [Name: [Int64]] = [:]
        var hour: UInt32 = 1000

        init(seed: UInt64) throws {
            rig = try LedgerRig(slotCount: 200, tenantNameBytes: 4096)
            rig.options.retentionHours = 3
            random = SeededRandom(seed: seed)
            opened = try rig.open()
        }

        var ledger: LedgerFile {
            guard let opened else { preconditionFailure("the ledger is open but for a moment") }
            return opened
        }

        func step() throws {
            switch Int.random(in: 0..<100, using: &random) {
            case 0..<70: try count()
            case 70..<80: sweep()
            case 80..<84: hour += 1
            case 84..<98: lookForAnother()
            default: try restart()
            }
        }

        private func count() throws {
            let hour = hour - UInt32.random(in: 0...2, using: &random)
            let place =
                switch Int.random(in: 0..<4, using: &random) {
                case 0, 1: SlotPlace.lease(periodStart: UInt32.random(in: 1...3, using: &random))
                case 2: SlotPlace.usage(periodStart: 1, hour: hour)
                default: SlotPlace.decided(periodStart: 1, hour: hour)
                }
            let length = Int.random(in: 1...40, using: &random)
            let name = Name(
                tenant: String(repeating: "t", count: length), meter: "m\(Int.random(in: 0...2, using: &random))",
                place: place)
            let slot: SlotIndex
            switch ledger.create(place, name.tenant, name.meter) {
            case .created(let new):
                #expect(model[name] == nil)
                model[name] = [0, 0, 0, 0]
                slot = new
            case .found(let old):
                #expect(model[name] != nil)
                slot = old
            case .full:
                #expect(model[name] == nil)
                return
            }
            let amount = Int64.random(in: 0...50, using: &random)
            switch place.kind {
            case .lease: addToLease(slot, name, amount)
            case .usage: addToUsage(slot, name, amount)
            case .decided: addToDecided(slot, name, amount)
            case .reservation: Issue.record("a reservation is found by its number")
            }
        }

        private func addToLease(_ slot: SlotIndex, _ name: Name, _ amount: Int64) {
            let lease = ledger.lease(slot)
            lease.raiseGranted(to: amount * 2)
            lease.addSpent(amount / 10)
            let words = model[name, default: [0, 0, 0, 0]]
            let granted = max(words[0], amount * 2)
            model[name] = [granted, words[1], words[2] + amount / 10, 0]
            let isOver = Int.random(in: 0..<4, using: &random) == 0
            lease.setSettled(isOver)
            if isOver {
                lease.returnUnspent()
                model[name]?[1] = max(words[1], granted - words[2] - amount / 10)
            }
        }

        private func addToUsage(_ slot: SlotIndex, _ name: Name, _ amount: Int64) {
            let usage = ledger.usage(slot)
            usage.addConsumed(amount)
            usage.raiseRefunded(to: amount / 3)
            var words = model[name, default: [0, 0, 0, 0]]
            words[0] += amount
            words[1] = max(words[1], amount / 3)
            if Bool.random(using: &random) {
                usage.settle(consumed: words[0], refunded: words[1])
                words[2] = words[0]
                words[3] = words[1]
            }
            model[name] = words
        }

        private func addToDecided(_ slot: SlotIndex, _ name: Name, _ total: Int64) {
            let decided = ledger.decided(slot)
            var words = model[name, default: [0, 0, 0, 0]]
            decided.raise(to: total)
            words[0] = max(words[0], total)
            if Bool.random(using: &random) {
                decided.settle(to: words[0])
                words[2] = words[0]
            }
            model[name] = words
        }

        private func sweep() {
            let limit = Int.random(in: 1...400, using: &random)
            ledger.sweep(currentHour: hour, limit: limit) { slot in
                guard let entry = ledger.entry(at: slot) else {
                    Issue.record("a free slot was let go")
                    return
                }
                let words = model.removeValue(forKey: Name(entry)) ?? []
                #expect(words.count == 4)
                switch entry.place.kind {
                case .lease: #expect(words[0] <= words[1] + words[2])
                case .usage, .decided:
                    #expect(words[2] == words[0] && words[3] == words[1])
                    #expect(entry.place.hour < hour)
                case .reservation: Issue.record("nothing was reserved")
                }
            }
        }

        private func lookForAnother() {
            #expect(ledger.find(.lease(periodStart: 99), "t", "m0") == nil)
            #expect(ledger.find(.lease(periodStart: 1), "t", "m9") == nil)
        }

        private func restart() throws {
            if Bool.random(using: &random) { try ledger.close() }
            if Int.random(in: 0..<3, using: &random) == 0 {
                let size = Int.random(in: max(150, model.count)...400, using: &random)
                rig.options.layout = LedgerLayout(slotCount: size, tenantNameBytes: 4096)
            }
            // The old one's lock has to go first.
            opened = nil
            opened = try rig.open()
            #expect(ledger.oldestHour == model.keys.filter(\.place.kind.isHourly).map(\.place.hour).min())
            for (name, words) in model where name.place.kind == .lease {
                model[name]?[1] = max(words[1], words[0] - words[2])
            }
            try compare()
        }

        func compare() throws {
            let entries = ledger.entries
            #expect(entries.count == model.count)
            let kinds = Dictionary(grouping: model.keys, by: \.place.kind).mapValues(\.count)
            #expect(ledger.statistics.leaseCount == kinds[.lease, default: 0])
            #expect(ledger.statistics.usageCount == kinds[.usage, default: 0])
            #expect(ledger.statistics.decidedCount == kinds[.decided, default: 0])
            #expect(ledger.statistics.freeCount == rig.options.layout.slotCount - model.count)
            for entry in entries {
                #expect(model[Name(entry)] == entry.words, "\(entry)")
                #expect(ledger.find(entry.place, entry.tenant, entry.meter) == entry.slot)
            }
        }
    }

    @Test func `a random life is that of a dictionary, whatever restarts come`() throws {
        var random = SeededRandom(for: "ledger against a dictionary")
        for _ in 0..<6 {
            let twins = try Twins(seed: random.next())
            for _ in 0..<800 { try twins.step() }
            try twins.compare()
        }
    }
}

extension LedgerEntry {
    /// The four words as they stand in the file.
    fileprivate var words: [Int64] {
        switch totals {
        case .lease(let granted, let returned, let spent, let reserved): [granted, returned, spent, reserved]
        case .usage(let consumed, let refunded, let settledConsumed, let settledRefunded):
            [consumed, refunded, settledConsumed, settledRefunded]
        case .decided(let decided, let settled): [decided, 0, settled, 0]
        case .reservation(let amount, _): [amount, 0, 0, 0]
        }
    }
}
