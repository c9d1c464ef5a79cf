import Billing
import TestSupport
import Testing

@Suite struct ClaimShareTests {
    @Test(arguments: [(256, 1), (256, 3), (16, 5), (1, 3), (7, 7), (256, 40)])
    func `shares add up to all partitions and differ by one at most`(partitions: Int, count: Int) {
        let names = (0..<count).map { "daemon-\($0)" }
        let sizes = names.map { ClaimShare(of: $0, among: names.reversed(), partitions: partitions).size }
        #expect(sizes.reduce(0, +) == partitions)
        #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= 1)
    }

    @Test func `a flusher counts itself though nobody named it`() {
        #expect(ClaimShare(of: "a", among: [], partitions: 16).size == 16)
        #expect(ClaimShare(of: "a", among: ["b", "b"], partitions: 16).size == 8)
    }

    @Test func `who has its share moves nothing`() {
        let share = ClaimShare(of: "a", among: ["a", "b"], partitions: 4)
        #expect(share.surplus(of: [1, 3]).isEmpty && share.picks(from: [0, 2], held: 2).isEmpty)
        #expect(share.surplus(of: [3, 0, 1]) == [3])
        #expect(share.picks(from: [2, 0, 3], held: 1) == [0])
        #expect(share.picks(from: [], held: 0).isEmpty)
        #expect(ClaimShare(of: "b", among: ["a", "b"], partitions: 4).picks(from: [0, 1, 2, 3], held: 0) == [2, 3])
    }

    /// A Redis with claims, and flushers that look at it one after the other, in any order.
    private struct World {
        static let lifetime = 4
        let partitions: Int
        var now = 0
        var claims: [Int: (name: String, until: Int)] = [:]
        var alive: [String: Int] = [:]
        var held: [String: Set<Int>] = [:]
        var moves = 0

        /// What `PartitionClaims` does in one look.
        mutating func look(_ name: String) {
            alive = alive.filter { $0.value > now }
            claims = claims.filter { $0.value.until > now }
            alive[name] = now + Self.lifetime
            var mine = (held[name] ?? []).filter { claims[$0]?.name == name }
            let share = ClaimShare(of: name, among: Array(alive.keys), partitions: partitions)
            for partition in share.surplus(of: mine) {
                mine.remove(partition)
                claims[partition] = nil
            }
            let free = (0..<partitions).filter { claims[$0] == nil }
            for partition in share.picks(from: free, held: mine.count) {
                mine.insert(partition)
                moves += 1
            }
            for partition in mine { claims[partition] = (name, now + Self.lifetime) }
            held[name] = mine
        }

        /// Everybody looks once, in this order.
        mutating func round(_ random: inout SeededRandom) {
            for name in held.keys.sorted().shuffled(using: &random) { look(name) }
            now += 1
        }
    }

    @Test func `whoever comes, dies or stops, all partitions are claimed soon, evenly and with few moves`() {
        var random = SeededRandom(for: "shares of partitions")
        for _ in 0..<200 {
            var world = World(partitions: Int.random(in: 1...64, using: &random))
            var born = 0
            for _ in 0..<12 {
                let before = world.held.count
                let change = Int.random(in: 0...2, using: &random)
                if change == 0 || before == 0 {
                    born += 1
                    world.held["\(UInt64.random(in: 0...99, using: &random)) \(born)"] = []
                } else if let gone = world.held.keys.sorted().randomElement(using: &random) {
                    let partitions = world.held.removeValue(forKey: gone) ?? []
                    if change == 1 {
                        // A graceful stop gives everything up; a death is only noticed.
                        world.alive[gone] = nil
                        for partition in partitions { world.claims[partition] = nil }
                    }
                }
                world.moves = 0
                for _ in 0..<World.lifetime + 3 { world.round(&random) }
                let count = world.held.count
                guard count > 0 else { continue }
                let sizes = world.held.values.map(\.count)
                #expect(sizes.reduce(0, +) == world.partitions, "each partition is claimed, by one")
                #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= 1)
                // One share comes or goes, and the ranks of the others shift by one.
                let most = (world.partitions + count - 1) / max(1, min(count, before)) + 2 * count
                #expect(world.moves <= most, "\(world.moves) moves at \(before) to \(count) flushers")
                world.moves = 0
                world.round(&random)
                #expect(world.moves == 0, "who has its share takes no more")
            }
        }
    }
}
