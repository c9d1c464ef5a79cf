import Billing
import Metering
import RedisLink

extension Reconciler {
    /// Tenants whose records are read at once.
    private static let tenantsAtOnce = 50
    /// How many tenants in a row Stripe may fail to be read for: one more, and it is taken to be Stripe.
    private static let mostFailures = 2
    private static let readsUsedUp = "the reads that were allowed are used up"

    /// A page of a comparison. It ends at the end of a tenant, once it has made some tens of reads or looked at some
    /// hundreds of tenants; and before a tenant that would take more reads than are allowed.
    ///
    /// - Parameter actor: who asks, for the audit stream.
    func page(_ question: ReconcileQuestion, actor: String) async throws -> ReconcilePage {
        let scope = Scope(
            hours: question.first..<question.end, asksStripe: true, asksAll: question.tenant != nil,
            fixer: question.fixes ? actor : nil)
        if let tenant = question.tenant {
            var page = ReconcilePage()
            page.of = 1
            if try await !add(tenant, .init(try await context.store.tenant(tenant)), scope, question, to: &page) {
                page.stopped = Self.readsUsedUp
            }
            return page
        }
        var question = question
        question.failures = Self.mostFailures
        return try await walk(question) { (_: String) in scope }
    }

    /// As ``page(_:actor:)``, with a scope for each tenant.
    func walk(
        _ question: ReconcileQuestion, scope: (String) -> Scope
    ) async throws -> ReconcilePage {
        var page = ReconcilePage()
        let counts = try await context.store.tenantCounts()
        page.of = Int(counts.tenants + counts.strangers)
        var cursor = question.after
        var failures = 0
        while true {
            try Task.checkCancellation()
            let batch = try await tenants(after: cursor)
            for (tenant, payer, place) in batch {
                if let last = question.last, place.isBehind(last) { return page }
                do {
                    guard try await add(tenant, payer, scope(tenant), question, to: &page) else {
                        page.next = cursor?.text
                        page.stopped = Self.readsUsedUp
                        return page
                    }
                    failures = 0
                } catch let failure as StripeRecords.Failure where failure.isPassing && failures < question.failures {
                    failures += 1
                    page.tenants += 1
                    page.add(failure: .init(tenant: tenant, meter: "-", detail: failure.description))
                }
                cursor = place
                guard page.reads < ReconcileQuestion.readsOfPage, page.tenants < ReconcileQuestion.tenantsOfPage else {
                    page.next = place.text
                    return page
                }
            }
            if batch.isEmpty { return page }
        }
    }

    /// Compares a tenant. False, and nothing is done, when it may take more reads than are left.
    private func add(
        _ tenant: String, _ payer: StripeRecords.Payer, _ scope: Scope, _ question: ReconcileQuestion,
        to page: inout ReconcilePage
    ) async throws -> Bool {
        let pairs = try await pairs(tenant, payer, scope)
        let asked = scope.asksStripe && payer.customer != nil ? pairs.count : 0
        let before = await records.reads
        // The first read is of the meters.
        let listing = asked > 0 && before == 0 ? 1 : 0
        let isFirst = question.allowsFirst && page.reads == 0
        let reads = page.reads + listing + asked * StripeRecords.reads(of: scope.hours)
        guard isFirst || asked == 0 || reads <= question.reads else { return false }
        var part: ReconcilePage
        do {
            part = try await compare(pairs, scope)
        } catch {
            // They were made all the same.
            page.reads += await records.reads - before
            throw error
        }
        part.reads = await records.reads - before
        part.tenants = 1
        part.of = page.of
        page.add(part)
        return true
    }

    /// The next tenants with who pays for them and the places behind them; nothing at the end.
    private func tenants(
        after cursor: ReconcileCursor?
    ) async throws(StoreError) -> [(String, StripeRecords.Payer, ReconcileCursor)] {
        var place = (partition: 0, offset: 0)
        switch cursor {
        case nil, .tenant:
            var last: String?
            if case .tenant(let id) = cursor { last = id }
            let records = try await context.store.tenants(after: last, limit: Self.tenantsAtOnce)
            guard records.isEmpty else {
                return records.map { ($0.id, .init($0), .tenant($0.id)) }
            }
        case .stranger(let partition, let offset):
            place = (partition, offset)
        }
        while place.partition < context.store.keys.partitions {
            let strangers = try await context.store.strangers(
                partition: place.partition, offset: place.offset, limit: Self.tenantsAtOnce)
            guard strangers.isEmpty else {
                return strangers.enumerated().map { index, id in
                    (id, .init(nil), .stranger(partition: place.partition, offset: place.offset + index + 1))
                }
            }
            place = (place.partition + 1, 0)
        }
        return []
    }
}
