import Testing

@testable import RedisLink

/// These values are a stored format: changing any would look for tenants in the wrong place.
@Suite struct KeySpaceTests {
    let keys = KeySpace(prefix: "tg:", partitions: 256)

    @Test(arguments: [("acme", 140), ("strange", 96)])
    func `a tenant's partition never changes`(tenant: String, partition: Int) {
        #expect(keys.partition(of: tenant) == partition)
    }

    @Test func `keys carry the partition as their hash tag`() {
        #expect(keys.tag(7) == "tg:{p007}:")
        #expect(keys.tenant("acme") == "tg:{p140}:t:acme")
        #expect(keys.usage("acme", "messages", period: 1_793_491_200) == "tg:{p140}:u:messages:1793491200:acme")
        #expect(keys.day("acme", "tokens", day: 20_780) == "tg:{p140}:h:tokens:20780:acme")
        #expect(keys.answer("acme", key: "k/1") == "tg:{p140}:i:acme/k/1")
    }

    @Test(arguments: [("a:b.c@d-e_f", "tokens", 498_720 as Int64), ("x", "m", 0)])
    func `an owed hour is read back as it was written`(tenant: String, meter: String, hour: Int64) {
        let member = KeySpace.owedMember(hour: hour, meter: meter, tenant: tenant)
        #expect(StoredHour.Key(member: member) == StoredHour.Key(tenant: tenant, meter: meter, hour: hour))
    }

    @Test func `owed hours sort by age`() {
        let members = [9, 10, 498_720, 1_000_000].map { KeySpace.owedMember(hour: $0, meter: "m", tenant: "t") }
        #expect(members == members.sorted())
    }

    @Test func `an hour's total is the sum of its holders' rows`() {
        let key = StoredHour.Key(tenant: "t", meter: "m", hour: 20_780 * 24 + 7)
        let day = ["07:a!": "5", "07:b!": "6", "08:a!": "90", "07=acked": "4", "07=send": "x 17"]
        let hour = StoredHour(key: key, day: day)
        #expect(hour.total == 11 && hour.acknowledged == 4 && hour.sendingUntil == 17)
    }
}
