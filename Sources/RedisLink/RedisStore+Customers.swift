extension RedisStore {
    /// The tenants whose Stripe customer this is: at most a hundred of each partition, where one alone is usual.
    public func tenants(customer: String) async throws(StoreError) -> [StoredTenant] {
        // Behind the space that ends the customer comes the tenant; no byte of an id is above 0x7f.
        let found = try await client.pipeline(
            (0..<keys.partitions).map {
                [
                    "ZRANGE", keys[$0].customers, "[\(customer) ", "(\(customer)!", "BYLEX", "LIMIT", "0", "100",
                ]
            })
        let ids = found.flatMap { $0.elements.compactMap(\.text) }.map { String($0.dropFirst(customer.count + 1)) }
        let records = try await client.pipeline(ids.map { ["HGETALL", keys.tenant($0)] })
        return zip(ids, records).compactMap { Self.record($0, $1) }
            .filter { $0.fields["customer"] == customer }
    }

    /// Keeps what Stripe says of a tenant's invoice. False when something newer is known. Books that have closed by
    /// what was known before stay closed: what came later is settled otherwise by now.
    ///
    /// - Parameters:
    ///   - periodEnd: of the period that it bills, Unix seconds; nil for that of the same invoice, if it is kept.
    ///   - finalisesAt: Unix seconds; of one that is no draft, `isClosed`, a moment at which it was none.
    ///   - readAt: when it began to be read at Stripe, in microseconds of Redis's clock.
    ///   - books: what says whether they have closed.
    public func putDraft(
        _ tenant: String, invoice: String, periodEnd: Int64?, finalisesAt: Int64, isClosed: Bool, readAt: Int64,
        books: DraftBooks
    ) async throws(StoreError) -> Bool {
        try await client.run(
            .draftPut, keys: [keys[keys.partition(of: tenant)].drafts],
            [
                tenant, invoice, periodEnd.map { String($0) } ?? "", String(finalisesAt), isClosed ? "1" : "0",
                String(readAt), String(books.now), String(books.margin), String(books.finalisationDelay),
            ]
        ).number == 1
    }
}

/// When the books of a period close, in seconds.
public struct DraftBooks: Sendable {
    /// The present, since the Unix epoch.
    public var now: Int64
    /// How long before the draft is finalised.
    public var margin: Int64
    /// How long after the period's end a draft is finalised of which nothing is known.
    public var finalisationDelay: Int64

    /// Takes its parts as they are.
    public init(now: Int64, margin: Int64, finalisationDelay: Int64) {
        self.now = now
        self.margin = margin
        self.finalisationDelay = finalisationDelay
    }
}
