/// The few best of many, kept while the many pass by: a heap whose first is the worst that is still in.
struct Ranking<Member: AnyObject> {
    /// The larger is the better; the second number decides between equal firsts.
    typealias Score = (first: Double, second: Int64)

    private let limit: Int
    private var heap: [(score: Score, member: Member)] = []
    /// A member that is offered again, because its place moved while others were looked at, is in once.
    private var identities: Set<ObjectIdentifier> = []

    init(limit: Int) {
        self.limit = limit
    }

    var members: [Member] { heap.map(\.member) }

    mutating func offer(_ member: Member, _ score: Score) {
        guard limit > 0 else { return }
        if heap.count == limit {
            guard heap[0].score < score, identities.insert(ObjectIdentifier(member)).inserted else { return }
            identities.remove(ObjectIdentifier(heap[0].member))
            heap[0] = (score, member)
            sink()
        } else if identities.insert(ObjectIdentifier(member)).inserted {
            heap.append((score, member))
            rise()
        }
    }

    private mutating func rise() {
        var index = heap.count - 1
        while index > 0, heap[index].score < heap[(index - 1) / 2].score {
            heap.swapAt(index, (index - 1) / 2)
            index = (index - 1) / 2
        }
    }

    private mutating func sink() {
        var index = 0
        while true {
            var least = index
            for child in [2 * index + 1, 2 * index + 2]
            where child < heap.count && heap[child].score < heap[least].score {
                least = child
            }
            guard least != index else { return }
            heap.swapAt(index, least)
            index = least
        }
    }
}
