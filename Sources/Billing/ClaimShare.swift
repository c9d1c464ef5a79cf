/// How many of the partitions one flusher sends for, and which it gives up or takes to come there.
///
/// Shares follow from who is alive alone, so all who see the same come to shares that add up to all partitions. Nobody
/// takes from another: who has too many gives up, and who has too few takes what is free, so a change of the living
/// moves no more than it has to.
public struct ClaimShare: Sendable, Equatable {
    /// How many partitions are this flusher's to claim.
    public let size: Int
    private let rank: Int
    private let count: Int

    /// The share of `name` among the flushers that are alive, itself included whether it is named there or not. Names
    /// differ from each other.
    public init(of name: String, among alive: [String], partitions: Int) {
        precondition(partitions > 0, "at least one partition")
        let others = Set(alive).subtracting([name])
        rank = others.count { $0 < name }
        count = others.count + 1
        size = partitions / count + (rank < partitions % count ? 1 : 0)
    }

    /// Which to give up of those that are held: as many as are too many.
    public func surplus(of held: some Collection<Int>) -> [Int] {
        held.count > size ? Array(held.sorted().suffix(held.count - size)) : []
    }

    /// Which to take of those that are free, when so many are held: as many as are lacking and free. Flushers begin at
    /// different places, so that those who take at the same moment seldom want the same.
    public func picks(from free: [Int], held: Int) -> [Int] {
        let lacking = min(max(size - held, 0), free.count)
        guard lacking > 0 else { return [] }
        let sorted = free.sorted()
        let first = rank * sorted.count / count
        return (0..<lacking).map { sorted[(first + $0) % sorted.count] }
    }
}
