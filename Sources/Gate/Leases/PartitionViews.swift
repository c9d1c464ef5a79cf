internal import Metering

/// What this holder knows of each partition of Redis.
///
/// An edition counts the lives of a partition that were met: what was told to an earlier one has to be told again.
final class PartitionViews {
    private var views: [StoreView]
    private var editions: [Int]
    /// Partitions whose ledger rows have to be told to their present life, and such that were told it all.
    private(set) var untold: Set<Int> = []
    private(set) var learningCount = 0

    init(count: Int) {
        views = Array(repeating: StoreView(), count: count)
        editions = Array(repeating: 0, count: count)
    }

    var count: Int { views.count }
    var isAnyLearning: Bool { learningCount > 0 }

    /// 0 before the first life is known.
    func edition(_ partition: Int) -> Int { editions[partition] }

    /// The life that a sync is made for.
    func life(_ partition: Int) -> StoreLife? { views[partition].life }

    /// Whether Redis is known to grant nothing there now.
    func isLearning(_ partition: Int) -> Bool { views[partition].life != nil && views[partition].isLearning }

    /// Whether everything the ledger has was told to the present life.
    func isTold(_ partition: Int) -> Bool { editions[partition] > 0 && !untold.contains(partition) }

    var areAllTold: Bool { untold.isEmpty && editions.allSatisfy { $0 > 0 } }

    /// Takes the head of a reply.
    func receive(_ reply: SyncReply, partition: Int, sentAt: Int64) -> StoreNews {
        let wasLearning = isLearning(partition)
        let news = views[partition].receive(reply, sentAt: sentAt)
        if isLearning(partition) != wasLearning { learningCount += wasLearning ? -1 : 1 }
        if news == .newLife {
            editions[partition] += 1
            untold.insert(partition)
        }
        return news
    }

    /// All rows of these partitions have been told and acknowledged.
    func told(_ partitions: Set<Int>) { untold.subtract(partitions) }
}
