/// The key of a ledger's hashes: 128 random bits that are born with the file, so that no client can choose names that
/// collide.
struct HashSeed: Sendable, Equatable {
    let low: UInt64
    let high: UInt64

    /// What header sectors are checked with: anybody may compute it, since it stands against accidents.
    static let fixed = HashSeed(low: 0, high: 0)

    static func random() -> HashSeed {
        HashSeed(low: .random(in: .min ... .max), high: .random(in: .min ... .max))
    }

    func tenant(_ id: Span<UInt8>) -> TenantHash { TenantHash(state: SipHash(self, text: id)) }

    func meter(_ name: Span<UInt8>) -> MeterHash {
        let hash = SipHash(self, text: name).finish()
        return MeterHash(low: hash.low, high: hash.high)
    }
}
