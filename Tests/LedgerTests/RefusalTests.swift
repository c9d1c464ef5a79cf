import Glibc
import Ledger
import TestSupport
import Testing

@Suite struct RefusalTests {
    /// A file with a lease and an hour in slots 0 and 1.
    private func filled() throws -> LedgerRig {
        let rig = try LedgerRig(slotCount: 16)
        try rig.use(closes: true) { ledger in
            try ledger.lease("acme").addSpent(3)
            try ledger.usage("acme", hour: 480_000).addConsumed(3)
        }
        return rig
    }

    private func slotOffset(_ rig: LedgerRig, _ number: Int) -> Int {
        rig.options.layout.fileBytes - (16 - number) * 64
    }

    @Test func `every byte of the header that is another is noticed`() throws {
        var random = SeededRandom(for: "damage to the header")
        let rig = try filled()
        let header = try rig.bytes(at: 0, 4096)
        for offset in header.indices {
            let flips = UInt8.random(in: 1...255, using: &random)
            try rig.overwrite(at: offset, [header[offset] ^ flips])
            let error = try rig.refusal()
            switch error {
            case .foreign where offset < 8, .unknownVersion where 8..<16 ~= offset, .damagedHeader where offset >= 16:
                break
            default: Issue.record("byte \(offset), \(flips): \(error)")
            }
            #expect(error.description.contains(rig.path))
            try rig.overwrite(at: offset, [header[offset]])
        }
        #expect(try rig.use { try $0.lease("acme").spent } == 3)
    }

    @Test func `every byte that makes a slot what it is is noticed`() throws {
        var random = SeededRandom(for: "damage to a slot")
        let rig = try filled()
        for slot in 0...1 {
            let start = slotOffset(rig, slot)
            let bytes = try rig.bytes(at: start, 32)
            for offset in bytes.indices {
                // A lease may be marked settled: the lowest flag.
                let flips = UInt8.random(in: 2...255, using: &random)
                try rig.overwrite(at: start + offset, [bytes[offset] ^ flips])
                let error = try rig.refusal()
                guard case .damagedSlot(rig.path, slot, start, _) = error else {
                    Issue.record("byte \(offset), \(flips): \(error)")
                    return
                }
                let beginning = "slot \(slot) of ledger \(rig.path), at byte \(start), is damaged: "
                #expect(error.description.hasPrefix(beginning))
                try rig.overwrite(at: start + offset, [bytes[offset]])
            }
        }
        #expect(try rig.use { try $0.lease("acme").spent } == 3)
    }

    @Test func `a slot is refused for its reason`() throws {
        let rig = try filled()
        let lease = slotOffset(rig, 0)
        func reason(_ offset: Int, _ bytes: [UInt8]) throws -> String {
            let old = try rig.bytes(at: offset, bytes.count)
            try rig.overwrite(at: offset, bytes)
            let error = try rig.refusal()
            try rig.overwrite(at: offset, old)
            guard case .damagedSlot(_, _, _, let reason) = error else { return "" }
            return reason
        }
        let first = try rig.bytes(at: lease, 1)[0]
        #expect(try reason(lease, [first ^ 1]) == "its identity is not that of its tenant, meter, period and hour")
        #expect(try reason(lease + 16, [9]) == "its tenant's name is not in the file")
        #expect(try reason(lease + 20, [9]) == "its meter's name is not in the file")
        #expect(try reason(lease + 22, [9]) == "there is no kind 9")
        #expect(try reason(lease + 22, [0]) == "there is no kind 0")
        #expect(try reason(lease + 23, [2]) == "it has flags that no tollgate sets")
        #expect(try reason(lease + 23, [0x10]) == "it belongs to an incarnation that the header does not name")
        #expect(try reason(lease + 28, [1]) == "hour 1 cannot be")
        #expect(try reason(lease + 55, [0x80]) == "a total is negative")
        let whole = try rig.bytes(at: lease, 64)
        #expect(try reason(slotOffset(rig, 2), whole) == "it is about the same as slot 0")
    }

    @Test func `damaged names are refused with their place`() throws {
        let rig = try filled()
        // The first record of each region: its head follows one unused unit.
        for offset in [4096 + 8, 4096 + 65536 + 8] {
            for head: [UInt8] in [[1], [200], [0, 4], [2, 200]] {
                let old = try rig.bytes(at: offset, head.count)
                try rig.overwrite(at: offset, head)
                let error = try rig.refusal()
                #expect(error == .damagedNames(path: rig.path, offset: offset))
                #expect(error.description.hasPrefix("the names of ledger \(rig.path) are damaged at byte \(offset). "))
                try rig.overwrite(at: offset, old)
            }
        }
        #expect(try rig.use { try $0.lease("acme").spent } == 3)
    }

    @Test(arguments: [1, 8, 600, 4095, 4096, 4097, 70_000, -64, -1])
    func `a file of another size is refused`(size: Int) throws {
        let rig = try filled()
        let expected = rig.options.layout.fileBytes
        #expect(truncate(rig.path, off_t(size < 0 ? expected + size : size)) == 0)
        let error = try rig.refusal()
        switch error {
        case .wrongSize(rig.path, size < 0 ? expected + size : size, expected): #expect(size < 0 || size >= 4096)
        case .damagedHeader(rig.path, let reason):
            #expect(reason == "the file has \(size) bytes, and a header 4096" && 8..<4096 ~= size)
        default: #expect(error == .foreign(path: rig.path) && size < 8)
        }
        #expect(truncate(rig.path, 0) == 0)
        #expect(try rig.refusal() == .foreign(path: rig.path))
    }

    @Test func `a file that has grown is refused`() throws {
        let rig = try filled()
        let expected = rig.options.layout.fileBytes
        #expect(truncate(rig.path, off_t(expected + 1)) == 0)
        let error = try rig.refusal()
        #expect(error == .wrongSize(path: rig.path, byteCount: expected + 1, expected: expected))
        #expect(error.description.contains("it was added to"))
    }

    @Test func `what is no ledger is left alone`() throws {
        let rig = try LedgerRig()
        try rig.directory.write("a diary", to: "ledger-0.tgl")
        #expect(try rig.refusal() == .foreign(path: rig.path))
        #expect(String(decoding: try rig.bytes(at: 0, 7), as: UTF8.self) == "a diary")
        #expect(unlink(rig.path) == 0)
        #expect(mkdir(rig.path, 0o700) == 0)
        #expect(try rig.refusal() == .notAFile(path: rig.path))
        #expect(rmdir(rig.path) == 0)
        #expect(mkfifo(rig.path, 0o600) == 0)
        #expect(try rig.refusal() == .notAFile(path: rig.path))
        rig.options.path = rig.directory.file("missing/ledger")
        #expect(try rig.refusal().description.contains("missing/ledger.new: No such file"))
    }

    @Test func `a later format is refused by its number`() throws {
        let rig = try filled()
        try rig.overwrite(at: 8, [2])
        let error = try rig.refusal()
        #expect(error == .unknownVersion(path: rig.path, version: 2))
        #expect(error.description.contains("has format 2 and this tollgate knows 1"))
    }

    @Test func `a ledger has one owner at a time`() throws {
        let rig = try LedgerRig()
        let first = try rig.open()
        do throws(LedgerError) {
            _ = try LedgerFile.open(rig.options)
            Issue.record("a second owner got the ledger")
        } catch {
            #expect(error == .inUse(path: rig.path))
            #expect(error.description.hasPrefix("ledger \(rig.path) is in use by another process"))
        }
        try first.lease("acme").addSpent(1)
    }

    @Test func `a ledger is not another holder's`() throws {
        let rig = try filled()
        rig.options.holderID = "web-2"
        let error = try rig.refusal()
        #expect(error == .otherHolder(path: rig.path, found: "web-1.0", expected: "web-2.0"))
        rig.options.holderID = "web-1"
        rig.options.loop = 1
        #expect(try rig.refusal() == .otherHolder(path: rig.path, found: "web-1.0", expected: "web-1.1"))
    }

    @Test func `a disk without room is said to be one`() async throws {
        let rig = try LedgerRig()
        await #expect(processExitsWith: .success) { [path = rig.path as String] in
            // The kernel says of a limit on a file's size what it says of a full disk, and signals it.
            signal(SIGXFSZ, SIG_IGN)
            var limit = rlimit(rlim_cur: 1 << 20, rlim_max: 1 << 20)
            setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
            let options = LedgerRig.options(path, slotCount: 1 << 20)
            do throws(LedgerError) {
                _ = try LedgerFile.open(options)
            } catch {
                guard error != .noSpace(path: path, byteCount: options.layout.fileBytes) else { return }
                throw TestFailure("\(error)")
            }
            throw TestFailure("there was room")
        }
        #expect(access(rig.path, F_OK) != 0)
        #expect(access(rig.path + ".new", F_OK) != 0)
    }
}
