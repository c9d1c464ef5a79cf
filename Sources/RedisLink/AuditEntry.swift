/// An entry of an audit stream.
public struct AuditEntry: Sendable, Equatable {
    /// Where it stands among all entries.
    public let place: AuditPlace
    /// Whose record or usage was changed.
    public let tenant: String
    /// What was told of the change.
    public let note: AuditNote
    /// The `holder_id` of the daemon that made it.
    public let from: String

    init?(partition: Int, _ element: RedisValue) {
        guard let id = element.elements.first?.text, let last = element.elements.last,
            let place = AuditPlace(streamID: id, partition: partition)
        else { return nil }
        let fields = RedisStore.pairs(last)
        self.place = place
        tenant = fields["tenant"] ?? ""
        note = AuditNote(
            action: fields["action"] ?? "", actor: fields["actor"] ?? "", reason: fields["reason"] ?? "",
            before: fields["before"] ?? "", after: fields["after"] ?? "")
        from = fields["from"] ?? ""
    }
}

/// Where an entry stands: by time, and among those of one millisecond by its number in its stream, and by partition.
public struct AuditPlace: Sendable, Hashable, Comparable {
    /// Since 1970, of Redis's clock.
    public let milliseconds: Int64
    /// Among those that its stream got in that millisecond.
    public let sequence: UInt64
    /// Whose stream it is in.
    public let partition: Int

    /// Takes its parts as they are.
    public init(milliseconds: Int64, sequence: UInt64, partition: Int) {
        self.milliseconds = milliseconds
        self.sequence = sequence
        self.partition = partition
    }

    /// Reads what ``text`` writes; nil for anything else.
    public init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, let milliseconds = Int64(parts[0]), milliseconds >= 0, let sequence = UInt64(parts[1]),
            let partition = Int(parts[2]), partition >= 0
        else { return nil }
        self.init(milliseconds: milliseconds, sequence: sequence, partition: partition)
    }

    init?(streamID: String, partition: Int) { self.init("\(streamID)-\(partition)") }

    /// `MILLISECONDS-SEQUENCE-PARTITION`.
    public var text: String { "\(milliseconds)-\(sequence)-\(partition)" }

    /// The last place that an entry of that millisecond can have.
    public static func end(of milliseconds: Int64) -> AuditPlace {
        AuditPlace(milliseconds: milliseconds, sequence: .max, partition: .max)
    }

    /// By time.
    public static func < (left: AuditPlace, right: AuditPlace) -> Bool {
        (left.milliseconds, left.sequence, left.partition) < (right.milliseconds, right.sequence, right.partition)
    }

    /// What `XRANGE` begins with to read what a partition has behind this place.
    func start(in partition: Int) -> String {
        // One of the same instant in a later partition comes behind it.
        "\(partition > self.partition ? "" : "(")\(milliseconds)-\(sequence)"
    }
}

extension RedisStore {
    /// What audit streams hold behind `place` (nil: from their beginning) and up to the end of a millisecond, oldest
    /// first: at most `limit` entries of each of the partitions named.
    public func audit(
        _ wanted: [(partition: Int, after: AuditPlace?)], through last: Int64, limit: Int
    ) async throws(StoreError) -> [[AuditEntry]] {
        let pages = try await client.pipeline(
            wanted.map { want in
                let start = want.after?.start(in: want.partition) ?? "-"
                return ["XRANGE", keys.audit(want.partition), start, String(last), "COUNT", String(limit)]
            })
        return zip(wanted, pages).map { want, page in
            page.elements.compactMap { AuditEntry(partition: want.partition, $0) }
        }
    }
}
