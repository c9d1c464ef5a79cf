import Testing

@testable import Ledger

@Suite struct SipHashTests {
    // `openssl mac -macopt hexkey:000102…0f -macopt size:16 -macopt c-rounds:1 -macopt d-rounds:3 SIPHASH` of the bytes
    // 0, 1, 2, ….
    @Test(arguments: [
        (0, "E77EBCB22788A5BEFD62DB6ADD303001"),
        (1, "FC6F370460D3EDA85E0573CC2B2FF063"),
        (7, "1084B923F2AAE0C3A62F2EC80848AB77"),
        (8, "AA12FEE1D5E3DAB4724F16AB35F9C799"),
        (13, "B2F858C7C9EA801D53D603596D657844"),
        (63, "4C5800E34EFE426F079F6B0AA75260AD"),
    ])
    func `it is the SipHash that others compute`(count: Int, expected: String) {
        let seed = HashSeed(low: 0x0706_0504_0302_0100, high: 0x0f0e_0d0c_0b0a_0908)
        let bytes = (0..<count).map { UInt8($0) }
        let hash = SipHash(seed, text: bytes.span).finish()
        #expect(hash.low.byteSwapped == UInt64(expected.prefix(16), radix: 16))
        #expect(hash.high.byteSwapped == UInt64(expected.suffix(16), radix: 16))
    }

    @Test func `an identity depends on each of its parts`() {
        let seed = HashSeed(low: 1, high: 2)
        func key(_ seed: HashSeed, _ tenant: String, _ meter: String, _ place: SlotPlace) -> SlotKey {
            let meter = seed.meter(meter.utf8Span.span)
            return seed.tenant(tenant.utf8Span.span).pair(meter).key(place)
        }
        let keys = [
            key(seed, "acme", "messages", .lease(periodStart: 7)),
            key(seed, "acmf", "messages", .lease(periodStart: 7)),
            key(seed, "acme", "message", .lease(periodStart: 7)),
            key(seed, "acme", "messages", .lease(periodStart: 8)),
            key(seed, "acme", "messages", .usage(periodStart: 7, hour: 0)),
            key(seed, "acme", "messages", .usage(periodStart: 7, hour: 1)),
            key(HashSeed(low: 1, high: 3), "acme", "messages", .lease(periodStart: 7)),
            key(seed, "acmemess", "ages", .lease(periodStart: 7)),
        ]
        #expect(Set(keys).count == keys.count)
        #expect(keys[0] == key(seed, "acme", "messages", .lease(periodStart: 7)))
    }

    @Test func `an hour past the calendar traps`() async {
        await #expect(processExitsWith: .failure) { _ = SlotPlace.usage(periodStart: 0, hour: 1 << 24) }
    }
}
