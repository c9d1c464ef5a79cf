import Billing
import Metering
import RedisLink

/// Compares hours: what the gate and Redis have counted, what Stripe acknowledged, and what Stripe has recorded.
struct Reconciler: Sendable {
    /// Which hours of a tenant are compared, and how.
    struct Scope: Sendable {
        /// Hours since the Unix epoch.
        var hours: Range<Int64>
        /// Whether Stripe is asked; otherwise what it acknowledged counts as what it has.
        var asksStripe: Bool
        /// Whether Stripe is asked of meters of which nothing was counted, too.
        var asksAll = false
        /// Who makes unexplained hours owed again; nil when nobody does.
        var fixer: String?
        /// Only these hours, which come due by themselves; nil for all that are asked for.
        var due: Set<StoredHour.Key>?
    }

    /// One tenant's meter.
    struct Pair: Sendable {
        let tenant: String
        let payer: StripeRecords.Payer
        let meter: String
        let stripe: StripeMeter
        var standings: [HourStanding]
    }

    let context: ControlContext
    let flusher: Flusher
    let records: StripeRecords
    /// How long Stripe's summaries may follow behind, in seconds.
    let lag: Int64
    private let lagMilliseconds: Int64

    /// How many of a tenant's meters are read at once.
    private static let readsAtOnce = 4

    /// For one run, with a reader of its own unless another is given.
    init(
        context: ControlContext, configuration: ControlConfiguration, flusher: Flusher, records: StripeRecords? = nil
    ) {
        self.context = context
        self.flusher = flusher
        self.records = records ?? StripeRecords(context: context)
        lagMilliseconds = configuration.summaryLag.milliseconds
        lag = (lagMilliseconds + 999) / 1000
    }

    /// A tenant's pairs of which anything is known, or all of them.
    func pairs(
        _ tenant: String, _ payer: StripeRecords.Payer, _ scope: Scope
    ) async throws(StoreError) -> [Pair] {
        var pairs: [Pair] = []
        for meter in context.catalogue().meters {
            guard let pair = try await pair(tenant, meter.name, payer, scope) else { continue }
            if !pair.standings.isEmpty || (scope.asksAll && payer.customer != nil) { pairs.append(pair) }
        }
        return pairs
    }

    /// One of a tenant's pairs; nil for a meter that is not billed.
    func pair(
        _ tenant: String, _ meter: String, _ payer: StripeRecords.Payer, _ scope: Scope
    ) async throws(StoreError) -> Pair? {
        guard let stripe = context.catalogue().meter(meter)?.stripe else { return nil }
        let standings = try await context.store.standings(
            tenant: tenant, meter: meter, from: scope.hours.lowerBound, to: scope.hours.upperBound)
        return Pair(tenant: tenant, payer: payer, meter: meter, stripe: stripe, standings: standings)
    }

    /// Compares pairs of one tenant, side by side.
    func compare(_ pairs: [Pair], _ scope: Scope) async throws -> ReconcilePage {
        try await withThrowingTaskGroup(of: ReconcilePage.self) { group in
            var waiting = pairs.makeIterator()
            for _ in 0..<Self.readsAtOnce {
                guard let pair = waiting.next() else { break }
                group.addTask { try await self.compare(pair, scope) }
            }
            var page = ReconcilePage()
            while let part = try await group.next() {
                page.add(part)
                if let pair = waiting.next() { group.addTask { try await self.compare(pair, scope) } }
            }
            page.differences.sort { ($0.hour, $0.meter) < ($1.hour, $1.meter) }
            return page
        }
    }

    private func compare(_ pair: Pair, _ scope: Scope) async throws -> ReconcilePage {
        var page = ReconcilePage()
        var recorded: [Int64: Int64]?
        var destination: String?
        switch await read(pair, scope) {
        case .success(.hours(let hours, let place)?): (recorded, destination) = (hours, place)
        case .success(.periods(let periods, let item)?): return try await compare(periods, of: item, pair, scope)
        case .success(nil): break
        case .failure(let failure):
            if failure.isOutage { throw failure }
            page.add(failure: .init(tenant: pair.tenant, meter: pair.meter, detail: failure.description))
        }
        page.hours = pair.standings.count
        page.compared = recorded == nil ? 0 : pair.standings.count
        for entry in try await differences(pair, scope, recorded, destination) {
            page.add(try await fixed(row(entry, pair), entry, pair, scope))
        }
        return page
    }

    private func read(
        _ pair: Pair, _ scope: Scope
    ) async -> Result<StripeRecords.Reading?, StripeRecords.Failure> {
        guard scope.asksStripe else { return .success(nil) }
        do throws(StripeRecords.Failure) {
            return .success(try await records.recorded(pair.stripe, payer: pair.payer, hours: scope.hours))
        } catch {
            return .failure(error)
        }
    }

    /// A difference with the hour it is of.
    struct Entry: Sendable {
        let key: StoredHour.Key
        let identifier: String?
        var difference: Difference
        /// Whether anything of it was ever to go to Stripe: else it can not be owed again.
        var isOurs = true
    }

    /// What differs, the oldest hour first: of hours that are known here, and of those that only Stripe has.
    func differences(
        _ pair: Pair, _ scope: Scope, _ recorded: [Int64: Int64]?, _ destination: String?
    ) async throws(StoreError) -> [Entry] {
        let facts = try await facts(pair.standings, pair.payer, destination)
        let now = context.now() / 1000
        let adds = pair.stripe.mode == .sum
        var entries = zip(pair.standings, facts).compactMap { standing, facts -> Entry? in
            let value = recorded.map { $0[standing.hour.key.hour] ?? 0 }
            return Difference.of(facts, recorded: value, adds: adds, now: now, lag: lag).map {
                Entry(
                    key: standing.hour.key, identifier: standing.hour.identifier, difference: $0,
                    isOurs: !facts.isNeverBilled)
            }
        }
        let known = Set(pair.standings.map(\.hour.key.hour))
        for (hour, value) in recorded ?? [:] where value != 0 && !known.contains(hour) {
            let difference = Difference(
                total: 0, acknowledged: 0, recorded: value, explanation: .unknown, detail: "nothing was counted here")
            let key = StoredHour.Key(tenant: pair.tenant, meter: pair.meter, hour: hour)
            entries.append(Entry(key: key, identifier: nil, difference: difference, isOurs: false))
        }
        if entries.contains(where: { $0.difference.explanation == .unknown }) {
            entries = try await secondLook(pair, entries, scope)
        }
        return entries.sorted { $0.key.hour < $1.key.hour }
    }

    /// What is known of hours, in the words of the comparison.
    func facts(
        _ standings: [HourStanding], _ payer: StripeRecords.Payer, _ destination: String?
    ) async throws(StoreError) -> [HourFacts] {
        let owed = standings.filter(\.isOwed)
        let states = Dictionary(
            zip(owed.map(\.hour.key), try await flusher.states(of: owed.map(\.hour))), uniquingKeysWith: { $1 })
        let redisNow = try await context.store.time()
        let hasCustomer = payer.customer != nil
        return standings.map {
            var facts = HourFacts(
                $0, hold: states[$0.hour.key], hasCustomer: hasCustomer, redisNow: redisNow)
            if let destination, let before = $0.hour.destination { facts.isElsewhere = before != destination }
            return facts
        }
    }

    /// Between reading Redis and reading Stripe an hour may have been sent. What is unexplained is read again, and what
    /// has changed since is on its way.
    private func secondLook(
        _ pair: Pair, _ entries: [Entry], _ scope: Scope
    ) async throws(StoreError) -> [Entry] {
        let again = try await context.store.standings(
            tenant: pair.tenant, meter: pair.meter, from: scope.hours.lowerBound, to: scope.hours.upperBound)
        let before = Dictionary(uniqueKeysWithValues: pair.standings.map { ($0.hour.key, $0.hour) })
        let after = Dictionary(uniqueKeysWithValues: again.map { ($0.hour.key, $0.hour) })
        return entries.map { entry in
            guard entry.difference.explanation == .unknown, before[entry.key] != after[entry.key] else { return entry }
            var entry = entry
            entry.difference.explanation = .inFlight
            entry.difference.detail = "it changed while it was compared"
            return entry
        }
    }

    func row(_ entry: Entry, _ pair: Pair) -> ReconcilePage.Row {
        let difference = entry.difference
        return ReconcilePage.Row(
            tenant: pair.tenant, meter: pair.meter, hour: InstantText.text(hour: entry.key.hour), periodEnd: nil,
            total: difference.total, acknowledged: difference.acknowledged, stripe: difference.recorded,
            difference: difference.missing, explanation: difference.explanation,
            detail: difference.detail.isEmpty ? difference.explanation.words : difference.detail, fixed: false)
    }

    // MARK: - Putting right

    /// The row, after its hour was made owed again if that is asked for and can help.
    func fixed(
        _ row: ReconcilePage.Row, _ entry: Entry, _ pair: Pair, _ scope: Scope
    ) async throws(StoreError) -> ReconcilePage.Row {
        guard let fixer = scope.fixer, row.explanation == .unknown, scope.due?.contains(entry.key) ?? true else {
            return row
        }
        var row = row
        guard entry.isOurs else {
            row.detail += "; nothing of it was ever owed here, so it stays"
            return row
        }
        let age = context.now() / 1000 - entry.key.hour * 3600
        guard age <= EventTimestamp.oldestSeconds || pair.stripe.mode == .usageRecord else {
            row.detail += "; older than the 35 days Stripe takes, so it stays"
            return row
        }
        row.fixed = try await reopen(entry.key, identifier: entry.identifier, row, pair.stripe.mode, by: fixer)
        return row
    }

    /// Makes an hour owed again: its total is sent anew, which replaces what Stripe has; a meter that adds is compared
    /// first and gets what it lacks. False when the hour was acknowledged again meanwhile.
    func reopen(
        _ key: StoredHour.Key, identifier: String?, _ row: ReconcilePage.Row, _ mode: StripeMeter.Mode,
        by actor: String
    ) async throws(StoreError) -> Bool {
        // Of a period the numbers are the period's, and each of its hours has an entry.
        let period = row.periodEnd == nil ? [:] : ["period": JSONValue.string(row.hour)]
        let before: JSONValue = .object(
            [
                "meter": .string(row.meter), "hour": .string(InstantText.text(hour: key.hour)),
                "total": .integer(row.total), "acknowledged": .integer(row.acknowledged),
                "stripe": .optional(row.stripe),
            ].merging(period) { $1 })
        let note = AuditNote(
            action: "billing.reconcile", actor: actor, reason: row.detail,
            before: String(decoding: ControlAnswer.json(before).body, as: UTF8.self), after: "{\"owed\":true}")
        return try await context.store.reopen(
            key, identifier: identifier, form: mode == .sum ? .range : .total, lag: lagMilliseconds, noting: note)
    }
}
