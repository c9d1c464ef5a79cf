import TestSupport

@testable import Metering

/// Three holders near the limit, on a network that only delays: what is refused must not fit.
struct EdgeWorld {
    enum Event {
        case call(Int, Int64)
        case request(Int, SyncRequest)
        case reply(Int, SyncReply, SyncRequest)
        case notice(Int, SyncStore.Notice)
        case poll(Int)
    }

    struct Holder {
        let name: String
        var lease = Lease()
        var line = WaitingLine()
        var view = StoreView()
        var hour = HourTotals(hour: 100)
        var isAsking = false
        /// Something changed since the last sync was sent.
        var mustAsk = false
    }

    static let settings = LeaseSettings()
    static let key = LeaseKey(tenant: "acme", meter: "messages", period: 0)

    let rules: Rules
    let limit: Int64
    var random: SeededRandom
    var now: Int64 = 1_000_000_000
    var store: SyncStore
    var holders: [Holder] = []
    var events: [(at: Int64, event: Event)] = []
    var admitted: Int64 = 0
    var refusals = 0
    var nextToken = 0

    init(seed: UInt64, rules: Rules = .all) {
        self.rules = rules
        random = SeededRandom(seed: seed)
        limit = .random(in: 8...40, using: &random)
        store = SyncStore(settings: Self.settings, rules: rules)
        store.visit(run: "r", isFresh: true, now: now)
        for index in 0..<3 {
            var holder = Holder(name: "h\(index)")
            _ = holder.view.receive(
                SyncReply(life: store.currentLife, isLearning: false, now: now, items: []), sentAt: now)
            holders.append(holder)
        }
        for _ in 0..<30 {
            let at = now + .random(in: 1...60_000, using: &random)
            let amount = Int64.random(in: 1...6, using: &random)
            schedule(.call(.random(in: 0..<3, using: &random), amount), at: at)
        }
    }

    mutating func run() throws(SimFailure) {
        var steps = 0
        while let (at, event) = events.popLast() {
            steps += 1
            guard steps < 50_000 else { throw SimFailure("the messages never end") }
            now = at
            try handle(event)
        }
    }

    private mutating func schedule(_ event: Event, at: Int64) {
        // Latest first, so that the next event is taken from the end.
        let place = events.firstIndex { $0.at < at } ?? events.count
        events.insert((at, event), at: place)
    }

    private mutating func latency() -> Int64 { .random(in: 50...400, using: &random) }

    private mutating func handle(_ event: Event) throws(SimFailure) {
        switch event {
        case .call(let index, let n): try call(index, n)
        case .request(let index, let request):
            let reply = store.sync(request, run: "r", now: now)
            for notice in store.notices {
                for other in holders.indices where other != index {
                    schedule(.notice(other, notice), at: now + latency())
                }
            }
            schedule(.reply(index, reply, request), at: now + latency())
        case .reply(let index, let reply, let request): try receive(index, reply, request)
        case .notice(let index, .recall):
            if holders[index].line.isEmpty, holders[index].lease.answerRecall() { ask(index) }
        case .notice(let index, .wake(_, let name)):
            if name == holders[index].name, !holders[index].line.isEmpty { ask(index) }
        case .notice(let index, .tell): ask(index)
        case .poll(let index):
            try serve(index)
            if !holders[index].line.isEmpty { ask(index) }
        }
    }

    private mutating func call(_ index: Int, _ n: Int64) throws(SimFailure) {
        if holders[index].line.isEmpty, holders[index].lease.take(n, now: now) {
            try admit(n, index)
            if holders[index].lease.wantsRefill(now: now, settings: Self.settings) { ask(index) }
            return
        }
        nextToken += 1
        let deadline = now + Self.settings.recallDeadline
        holders[index].line.append(WaitingCall(token: nextToken, amount: n, since: now, deadline: deadline))
        schedule(.poll(index), at: deadline)
        ask(index)
    }

    private mutating func ask(_ index: Int) {
        guard !holders[index].isAsking else {
            holders[index].mustAsk = true
            return
        }
        holders[index].isAsking = true
        holders[index].mustAsk = false
        let first = holders[index].line.first
        let waiting = holders[index].line.amount
        let want = holders[index].lease.want(now: now, waiting: waiting, settings: Self.settings)
        let statement = holders[index].lease.ask(
            waiting: first?.amount ?? 0, deadline: first?.deadline ?? 0, want: want, now: now)
        let item = SyncRequest.Item(
            key: Self.key, terms: LeaseTerms(bound: limit, version: "", isBilled: false, keptUntil: 0),
            statement: statement, hours: [holders[index].hour])
        let request = SyncRequest(
            holder: holders[index].name, life: holders[index].view.life, notAfter: .max, sentAt: now, items: [item])
        schedule(.request(index, request), at: now + latency())
    }

    private mutating func receive(_ index: Int, _ reply: SyncReply, _ request: SyncRequest) throws(SimFailure) {
        holders[index].isAsking = false
        let news = holders[index].view.receive(reply, sentAt: request.sentAt)
        let action = holders[index].lease.receive(
            reply.items[0], isLearning: reply.isLearning, news: news, bound: limit, sentAt: request.sentAt, now: now,
            settings: Self.settings)
        holders[index].line.receive(action, sentAt: request.sentAt)
        try serve(index)
        if action == .sync || holders[index].mustAsk { ask(index) }
        guard !holders[index].line.isEmpty else { return }
        if case .wait = action { schedule(.poll(index), at: now + 2_000) } else { ask(index) }
    }

    private mutating func serve(_ index: Int) throws(SimFailure) {
        while true {
            var lease = holders[index].lease
            let next = holders[index].line.next(lease: &lease, now: now)
            holders[index].lease = lease
            guard let end = next else { return }
            switch end.outcome {
            case .taken: try admit(end.call.amount, index)
            case .refused:
                refusals += 1
                if admitted + end.call.amount <= limit {
                    throw SimFailure("\(end.call.amount) refused when \(admitted) of \(limit) were admitted")
                }
            case .undecided: throw SimFailure("no word about \(end.call)")
            }
        }
    }

    private mutating func admit(_ n: Int64, _ index: Int) throws(SimFailure) {
        admitted += n
        holders[index].hour.consumed += n
        guard admitted <= limit else { throw SimFailure("admitted \(admitted) of \(limit)") }
    }
}
